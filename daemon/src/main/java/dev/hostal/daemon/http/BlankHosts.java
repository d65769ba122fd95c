package dev.hostal.daemon.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.BufferUtil;

/// Looks at the first request of a connection, before HTTP does. docker CLIs up to 20.10 open a connection for `/session` and
/// for `/grpc` with an empty `Host`, which RFC 9112, section 3.2, allows and Jetty refuses without a way to say otherwise.
final class BlankHosts extends AbstractConnectionFactory {
    private static final Pattern MEANT = Pattern.compile("POST (/v[0-9.]+)?/(session|grpc)[ ?]");
    private static final String BLANK = "\r\nHost: \r\n";
    private static final String NAMED = "\r\nHost: docker\r\n";
    private static final String END = "\r\n\r\n";
    /// As much of a request as tells which it is.
    private static final int LINE = 40;
    /// Most that is looked at. Chosen: what those clients send has 2 KiB, and HTTP goes on with at most 8 KiB.
    static final int HEAD_MAX = 6 << 10;

    private final ConnectionFactory http;

    /// @param http what goes on with every connection
    BlankHosts(ConnectionFactory http) {
        super("hosted");
        this.http = http;
    }

    @Override public List<String> getProtocols() {
        return List.of(getProtocol());
    }

    @Override public Connection newConnection(Connector connector, EndPoint endPoint) {
        return configure(new First(connector, endPoint), connector, endPoint);
    }

    /// What goes on, of what has come so far; empty where more is needed to tell.
    static ByteBuffer seen(ByteBuffer bytes) {
        var text = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
        if (!MEANT.matcher(text).lookingAt()) {
            boolean told = text.length() >= LINE || text.indexOf('\n') >= 0 || !"POST ".startsWith(text.substring(0, Math.min(5, text.length())));
            return told ? bytes.duplicate() : BufferUtil.EMPTY_BUFFER;
        }
        if (!text.contains(END)) return text.length() >= HEAD_MAX ? bytes.duplicate() : BufferUtil.EMPTY_BUFFER;
        int end = text.indexOf(END) + 2;
        var head = text.substring(0, end).replace(BLANK, NAMED);
        return ByteBuffer.wrap((head + text.substring(end)).getBytes(StandardCharsets.ISO_8859_1));
    }

    private final class First extends AbstractConnection implements Connection.UpgradeFrom {
        private final Connector connector;
        private final ByteBuffer bytes = BufferUtil.allocate(HEAD_MAX);
        private ByteBuffer seen = BufferUtil.EMPTY_BUFFER;

        First(Connector connector, EndPoint endPoint) {
            super(endPoint, connector.getExecutor());
            this.connector = connector;
        }

        @Override public void onOpen() {
            super.onOpen();
            fillInterested();
        }

        @Override public void onFillable() {
            try {
                for (int count = getEndPoint().fill(bytes); count != 0; count = getEndPoint().fill(bytes)) {
                    if (count < 0) {
                        close();
                        return;
                    }
                    seen = BlankHosts.seen(bytes);
                    if (!seen.hasRemaining()) continue;
                    getEndPoint().upgrade(http.newConnection(connector, getEndPoint()));
                    return;
                }
                fillInterested();
            } catch (java.io.IOException | RuntimeException e) {
                System.getLogger(BlankHosts.class.getName()).log(System.Logger.Level.DEBUG, "http.first", e);
                close();
            }
        }

        @Override public ByteBuffer onUpgradeFrom() {
            return seen;
        }

        @Override public boolean onIdleExpired(TimeoutException why) {
            return true;
        }
    }
}
