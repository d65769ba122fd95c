/// gRPC on a connection that HTTP/1.1 has let go of, as server and as client: messages of bytes over HTTP/2 streams of
/// Jetty's, and the wire format of protocol buffers. Nothing here knows a service.
/// ```
///   GrpcConnections ── a connection's HTTP/2 session ──┬── calls that come in: GrpcMethod, by path
///                                                      └── calls that go out: GrpcChannel
///   both give a GrpcStream: read() and write() of whole messages, which block
/// ```
/// Source: the document "gRPC over HTTP2" of the gRPC project; RFC 9113.
package dev.hostal.docker.grpc;
