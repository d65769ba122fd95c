/// Calls the API. [dev.hostal.client.Hostal] is every call; [dev.hostal.client.UnixHostal] makes them on the
/// daemon's Unix socket with an HTTP and a WebSocket client of our own, small because every command of the
/// command line starts with it. Nothing here knows a command line, or reads an environment.
package dev.hostal.client;
