package dev.hostal.daemon.http;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.eclipse.jetty.server.Request;

/// Who may ask: root, the user that the daemon runs as, and the members of one group where one is named. The
/// kernel says who is at the other end; the modes of socket and folder say the same a second time.
final class Peers {
    /// Decides on one request.
    @FunctionalInterface
    interface Rule {
        /// @return why not; empty where it may
        Optional<String> objection(Request request);
    }

    /// Source: getgrent(3); the groups of other name services are not looked up.
    private static final Path GROUPS = Path.of("/etc/group");

    private final UserPrincipal self;
    private final Optional<String> group;

    /// @param own a file of the daemon's own user
    Peers(Path own, Optional<String> group) throws IOException {
        this.self = Files.getOwner(own);
        this.group = group;
    }

    Optional<String> objection(Request request) {
        var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        if (!(endPoint.getTransport() instanceof SocketChannel channel)) return Optional.of("not a Unix socket");
        try {
            return objection(channel.getOption(ExtendedSocketOptions.SO_PEERCRED));
        } catch (IOException e) {
            return Optional.of("the kernel does not say who asks: " + e.getMessage());
        }
    }

    private Optional<String> objection(UnixDomainPrincipal peer) throws IOException {
        var user = peer.user();
        if (user.equals(self) || user.getName().equals("root")) return Optional.empty();
        if (group.isPresent() && (peer.group().getName().equals(group.get()) || isMember(user.getName()))) {
            return Optional.empty();
        }
        return Optional.of("user " + user.getName());
    }

    private boolean isMember(String user) throws IOException {
        try (var lines = Files.lines(GROUPS)) {
            return lines.map(line -> line.split(":", -1)).anyMatch(fields -> fields.length == 4
                    && fields[0].equals(group.orElseThrow()) && Arrays.asList(fields[3].split(",")).contains(user));
        }
    }
}
