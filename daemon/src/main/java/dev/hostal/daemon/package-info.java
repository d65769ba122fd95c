/// The daemon: configuration, HTTP server, and the wiring of everything.
package dev.hostal.daemon;
