package dev.hostal.daemon.http;

import java.time.Duration;

/// What all streams and WebSockets share.
///
/// @param attendance of the threads that serve them
/// @param heartbeat how often a silent client is written to, to find that it is gone
record Sockets(Attendance attendance, Duration heartbeat) {}
