/// Wire records of `/v1` and the table of routes. Each record reads itself strictly (`from`) and writes itself
/// (`toJson`); the domain is another thing ([dev.hostal.model]) and the daemon translates.
package dev.hostal.api;
