package dev.hostal.daemon.http;

import dev.hostal.api.Routes;
import dev.hostal.docker.DockerApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/// Jetty on Unix sockets: how it is set up, and nothing of what it serves.
public final class HttpServer implements AutoCloseable {
    /// Open connections; more wait until one closes. Chosen: each costs a descriptor and some 20 KiB.
    private static final int CONNECTIONS_MAX = 2000;
    /// Longest request line and headers together. Source: Jetty's default is 8 KiB.
    private static final int HEADERS_MAX = 16 << 10;
    /// Platform threads: one accepts, one selects, the others finish what does not block.
    private static final int THREADS_MAX = 8;
    private static final int THREADS_MIN = 3;

    private final Server server;
    private final List<Path> sockets;
    private final Optional<String> group;
    private final Api api;

    /// @param socket where to listen; the folder that it is in is the daemon's own
    /// @param group whose members may ask too
    public HttpServer(Path socket, Optional<String> group, Api api) throws IOException {
        this(socket, group, api, new Peers(socket.getParent(), group)::objection);
    }

    HttpServer(Path socket, Optional<String> group, Api api, Peers.Rule rule) {
        this(List.of(socket), group, api, rule, Optional.empty());
    }

    /// @param docker the Docker Engine API, served on a socket of its own
    public HttpServer(Path socket, Optional<String> group, Api api, Path dockerSocket, DockerApi docker) throws IOException {
        this(List.of(socket, dockerSocket), group, api, new Peers(socket.getParent(), group)::objection, Optional.of(docker));
    }

    private HttpServer(List<Path> sockets, Optional<String> group, Api api, Peers.Rule rule, Optional<DockerApi> docker) {
        this.sockets = sockets;
        this.group = group;
        this.api = api;
        var threads = new QueuedThreadPool(THREADS_MAX, THREADS_MIN);
        threads.setName("http");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        threads.setVirtualThreadsExecutor(
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory()));
        this.server = new Server(threads);
        var connectors = sockets.stream()
                .map(socket -> connector(socket, docker.isPresent() && socket.equals(sockets.getLast()))).toList();
        server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, server));
        server.setErrorHandler(new JsonErrors());
        var webSockets = ServerWebSocketContainer.ensure(server);
        var requests = new Requests(new Router(Routes.ROUTES), rule, api.endpoints(webSockets), api.metrics());
        server.setHandler(docker.<Handler>map(face -> new ByConnector(connectors.getLast(), rule, face, requests))
                .orElse(requests));
    }

    private UnixDomainServerConnector connector(Path socket, boolean dockers) {
        var http = new HttpConnectionFactory(configuration());
        var connector = dockers ? new UnixDomainServerConnector(server, 1, 1, new BlankHosts(http), http)
                : new UnixDomainServerConnector(server, 1, 1, http);
        connector.setUnixDomainPath(socket);
        connector.setIdleTimeout(Call.IDLE_MILLIS_MAX);
        // Source: listen(2); 20 clients at once are to be taken without a refusal.
        connector.setAcceptQueueSize(512);
        server.addConnector(connector);
        return connector;
    }

    private static HttpConfiguration configuration() {
        var configuration = new HttpConfiguration();
        configuration.setRequestHeaderSize(HEADERS_MAX);
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        // Paths are parted and decoded by the router; what is ambiguous elsewhere is plain there.
        configuration.setUriCompliance(UriCompliance.RFC3986.with("HOSTAL",
                UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR, UriCompliance.Violation.AMBIGUOUS_PATH_SEGMENT,
                UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT, UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));
        return configuration;
    }

    /// Listens from now on; a socket that a dead daemon left there is replaced.
    public void start() throws IOException {
        for (var socket : sockets) {
            Files.deleteIfExists(socket);
        }
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the HTTP server did not start", e);
        }
        for (var socket : sockets) {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString(group.isPresent() ? "rw-rw----" : "rw-------"));
            if (group.isPresent()) give(socket, group.get());
        }
    }

    private static void give(Path socket, String name) throws IOException {
        var principal = socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(principal);
    }

    /// Ends streams, lets requests under way end within a moment, and removes the socket.
    @Override public void close() {
        api.close();
        try {
            server.stop();
        } catch (Exception e) {
            System.getLogger(HttpServer.class.getName()).log(System.Logger.Level.WARNING, "http.stop", e);
        }
    }
}
