/// The REST face: HTTP/1.1 and WebSockets on a Unix socket. It translates, it decides nothing.
/// ```
///   Jetty -> HttpServer (who may) -> Router (which route) -> Call -> *Routes (one method a route) -> Engine
///                                                             └ Failures: whatever is thrown becomes an ErrorV1
/// ```
/// The table of routes is [dev.hostal.api.Routes]; [dev.hostal.daemon.http.Api] binds each to its method.
/// Every request has a virtual thread of its own, which may block.
package dev.hostal.daemon.http;
