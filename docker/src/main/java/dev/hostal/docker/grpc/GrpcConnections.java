package dev.hostal.docker.grpc;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.HTTP2ClientConnectionFactory;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.server.RawHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;

/// Makes HTTP/2 of a connection that has come in as HTTP/1.1 and was upgraded; both sides know that beforehand, as with the
/// "prior knowledge" of RFC 9113, section 3.3.
public final class GrpcConnections {
    /// Most calls at once over one connection. Chosen: a client that builds has about ten.
    private static final int CALLS_MAX = 128;
    /// Longest headers of a call. Chosen: the patterns of a large `.dockerignore` go there.
    private static final int HEADERS_MAX = 1 << 20;
    /// How much may be on its way without having been read. Chosen.
    private static final int WINDOW = 1 << 20;

    private GrpcConnections() {}

    /// The other side calls.
    ///
    /// @param methods by path, such as `/grpc.health.v1.Health/Check`
    public static Connection serving(Connector connector, EndPoint endPoint, Map<String, GrpcMethod> methods) {
        endPoint.setIdleTimeout(0);
        var configuration = new HttpConfiguration();
        configuration.setRequestHeaderSize(HEADERS_MAX);
        var factory = new RawHTTP2ServerConnectionFactory(configuration, new GrpcServer(methods), "h2c");
        factory.setMaxConcurrentStreams(CALLS_MAX);
        factory.setInitialStreamRecvWindow(WINDOW);
        factory.setStreamIdleTimeout(-1);
        // Who may connect may do everything: pings are no attack.
        factory.setRateControlFactory(new RateControl.Factory() { });
        return factory.newConnection(connector, endPoint);
    }

    /// The other side is called.
    ///
    /// @param opened told when calls are possible
    /// @param closed told at the end, once
    public static Connection calling(Connector connector, EndPoint endPoint, Consumer<GrpcChannel> opened,
            Consumer<GrpcChannel> closed) {
        endPoint.setIdleTimeout(0);
        var io = new ClientConnector();
        io.setExecutor(connector.getExecutor());
        io.setScheduler(connector.getScheduler());
        io.setByteBufferPool(connector.getByteBufferPool());
        var client = new HTTP2Client(io);
        client.setMaxConcurrentPushedStreams(0);
        client.setInitialStreamRecvWindow(WINDOW);
        client.setInitialSessionRecvWindow(4 * WINDOW);
        client.setMaxRequestHeadersSize(HEADERS_MAX);
        client.setMaxResponseHeadersSize(HEADERS_MAX);
        client.setStreamIdleTimeout(-1);
        var calls = new Calls(opened, closed);
        var context = new HashMap<String, Object>();
        context.put(HTTP2Client.CONTEXT_KEY, client);
        context.put(HTTP2Client.SESSION_LISTENER_CONTEXT_KEY, calls);
        context.put(HTTP2Client.SESSION_PROMISE_CONTEXT_KEY, calls);
        return new HTTP2ClientConnectionFactory().newConnection(endPoint, context);
    }

    /// The session of calls that go out.
    private static final class Calls implements Session.Listener, Promise<Session> {
        private final Consumer<GrpcChannel> opened;
        private final Consumer<GrpcChannel> closed;
        private GrpcChannel channel;

        Calls(Consumer<GrpcChannel> opened, Consumer<GrpcChannel> closed) {
            this.opened = opened;
            this.closed = closed;
        }

        @Override public synchronized void succeeded(Session session) {
            channel = new GrpcChannel(session);
            opened.accept(channel);
        }

        @Override public void failed(Throwable why) {
            end();
        }

        @Override public void onClose(Session session, GoAwayFrame frame, Callback callback) {
            end();
            callback.succeeded();
        }

        @Override public void onFailure(Session session, Throwable failure, Callback callback) {
            end();
            callback.succeeded();
        }

        private synchronized void end() {
            if (channel == null) return;
            channel.gone();
            closed.accept(channel);
            channel = null;
        }
    }
}
