package dev.hostal.daemon.http;

import dev.hostal.api.Channels;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/// An endpoint that turns the connection into a WebSocket. What can be refused before is refused by HTTP.
final class Upgrade implements Endpoint {
    /// Looks at the request and says what to open; the opening itself comes after the upgrade.
    @FunctionalInterface
    interface Prepared {
        ChannelSocket.Opening prepare(Call call) throws IOException, InterruptedException;
    }

    private final ServerWebSocketContainer container;
    private final Prepared prepared;
    private final Sockets sockets;

    Upgrade(ServerWebSocketContainer container, Sockets sockets, Prepared prepared) {
        this.container = container;
        this.sockets = sockets;
        this.prepared = prepared;
    }

    @Override public void answer(Call call) {
        throw new IllegalStateException("an upgrade needs the reply's callback");
    }

    void begin(Call call, Callback callback) throws IOException, InterruptedException {
        var opening = prepared.prepare(call);
        check(call);
        var upgraded = container.upgrade((_, response, _) -> {
            response.setAcceptedSubProtocol(Channels.PROTOCOL);
            return new ChannelSocket(opening, sockets);
        }, call.request(), call.response(), callback);
        if (!upgraded) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The upgrade to a WebSocket is not one of RFC 6455.");
        }
    }

    private static void check(Call call) {
        var headers = call.request().getHeaders();
        if (!headers.contains(HttpHeader.UPGRADE, "websocket")) {
            throw new Problem(ErrorCode.BAD_REQUEST, """
                    %s %s is an upgrade to a WebSocket, and this request asks for none.
                    Maybe send the headers Connection, Upgrade and Sec-WebSocket-Key of RFC 6455."""
                    .formatted(call.route().method(), call.route().path()));
        }
        if (!headers.getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false).contains(Channels.PROTOCOL)) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The WebSocket must speak %s: send it as Sec-WebSocket-Protocol."
                    .formatted(Channels.PROTOCOL));
        }
    }
}
