package dev.hostal.daemon.http;

import java.io.IOException;
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

/// Looks at the first request of a connection, before HTTP does. docker CLIs up to 20.10 open connections that are to become
/// something else (`attach`, `exec`, `/session`) with an empty `Host`, which RFC 9112, section 3.2, allows and Jetty refuses
/// without a way to say otherwise.
final class BlankHosts extends AbstractConnectionFactory {
    /// A request so far: it may be one, and its second line has not ended yet.
    private static final Pattern MORE = Pattern.compile("[A-Z]{0,10}|[A-Z]{1,10} [^\\n]*(\\n[^\\n]*)?");
    private static final Pattern BLANK = Pattern.compile("([A-Z]{1,10} [^\\n]*\\nHost: ?)(\\r?\\n.*)", Pattern.DOTALL);
    private static final String NAME = "docker";
    /// Most that is looked at. Chosen: HTTP goes on with at most 8 KiB.
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
        if (text.length() < HEAD_MAX && MORE.matcher(text).matches()) return BufferUtil.EMPTY_BUFFER;
        var blank = BLANK.matcher(text);
        return blank.matches() ? StandardCharsets.ISO_8859_1.encode(blank.group(1) + NAME + blank.group(2)) : bytes.duplicate();
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
                    // Nothing more will come: HTTP knows what to say to that.
                    seen = count < 0 ? bytes : BlankHosts.seen(bytes);
                    if (count > 0 && !seen.hasRemaining()) continue;
                    getEndPoint().upgrade(http.newConnection(connector, getEndPoint()));
                    return;
                }
                fillInterested();
            } catch (IOException | RuntimeException e) {
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
