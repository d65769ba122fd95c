package dev.hostal.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.HttpStream;

/// Turns the connection of a request into a plain one. Source: Docker Engine API, "Attach to a container": with
/// `Upgrade: tcp` the reply is 101, without it 200, and the bytes follow.
final class Hijack {
    private Hijack() {}

    static void begin(Exchange exchange, String type, Consumer<BlockingConnection> session) throws IOException {
        begin(exchange, false, type, session);
    }

    /// @param webSocket the reply is that of RFC 6455
    static void begin(Exchange exchange, boolean webSocket, String type, Consumer<BlockingConnection> session)
            throws IOException {
        var request = exchange.request();
        var headers = exchange.response().getHeaders();
        var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new BlockingConnection(endPoint, session));
        exchange.hijacked();
        if (webSocket) {
            exchange.response().setStatus(101);
            headers.put(HttpHeader.CONNECTION, "Upgrade").put(HttpHeader.UPGRADE, "websocket")
                    .put(HttpHeader.SEC_WEBSOCKET_ACCEPT,
                            WebSocketDuplex.accept(request.getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY)));
            exchange.response().write(true, ByteBuffer.allocate(0), exchange.callback());
            return;
        }
        headers.put(HttpHeader.CONTENT_TYPE, type);
        if (request.getHeaders().contains(HttpHeader.UPGRADE)) {
            exchange.response().setStatus(101);
            headers.put(HttpHeader.CONNECTION, "Upgrade").put(HttpHeader.UPGRADE, "tcp");
            exchange.response().write(true, ByteBuffer.allocate(0), exchange.callback());
        } else {
            exchange.response().setStatus(200);
            // Its length is unknown and it is not chunked: the end of the connection is the end of the body.
            headers.put(HttpHeader.CONNECTION, "close");
            exchange.write(false, ByteBuffer.allocate(0));
            exchange.callback().succeeded();
        }
    }
}
