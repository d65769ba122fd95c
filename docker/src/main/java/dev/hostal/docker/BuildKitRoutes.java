package dev.hostal.docker;

import dev.hostal.docker.buildkit.BuildKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpStream;

/// `/session` and `/grpc`: connections that become HTTP/2, over which clients of BuildKit serve builds, and ask for them.
///
/// Source: Docker Engine API, "Initialize interactive session"; moby/buildkit, session: the names of its headers.
final class BuildKitRoutes {
    private static final String PROTOCOL = "h2c";
    private static final String ID = "X-Docker-Expose-Session-Uuid";
    private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method";
    private static final int ID_LENGTH_MAX = 256;

    private final BuildKit buildKit;

    BuildKitRoutes(BuildKit buildKit) {
        this.buildKit = buildKit;
    }

    List<Route> routes() {
        return List.of(Route.post("/session", this::session),
                Route.post("/grpc", exchange -> upgrade(exchange, buildKit::control)));
    }

    private void session(Exchange exchange) throws IOException {
        var headers = exchange.request().getHeaders();
        var id = Optional.ofNullable(headers.get(ID)).filter(text -> !text.isEmpty() && text.length() <= ID_LENGTH_MAX)
                .orElseThrow(() -> new Refusal(400, "a session has an id in the header " + ID));
        var served = headers.getValuesList(METHOD);
        upgrade(exchange, (connector, endPoint) -> buildKit.session(connector, endPoint, id, served));
    }

    /// Makes the connection of HTTP/2.
    @FunctionalInterface
    private interface Upgrade {
        Connection of(Connector connector, EndPoint endPoint) throws IOException;
    }

    private static void upgrade(Exchange exchange, Upgrade upgrade) throws IOException {
        var request = exchange.request();
        var wanted = Optional.ofNullable(request.getHeaders().get(HttpHeader.UPGRADE)).orElse("");
        if (wanted.isEmpty()) throw new Refusal(400, "no upgrade proto in request");
        if (!wanted.equals(PROTOCOL)) throw new Refusal(400, "protocol %s not supported".formatted(wanted));
        var connection = request.getConnectionMetaData();
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE,
                upgrade.of(connection.getConnector(), connection.getConnection().getEndPoint()));
        exchange.hijacked();
        exchange.response().setStatus(101);
        exchange.response().getHeaders().put(HttpHeader.CONNECTION, "Upgrade").put(HttpHeader.UPGRADE, PROTOCOL);
        exchange.response().write(true, ByteBuffer.allocate(0), exchange.callback());
    }
}
