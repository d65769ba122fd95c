package dev.hostal.daemon.registry;

import dev.hostal.image.PullThrough;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// Jetty on the address that the operator chose, plain HTTP.
public final class RegistryServer implements AutoCloseable {
    /// Chosen: each costs a descriptor and a virtual thread.
    private static final int CONNECTIONS_MAX = 200;
    private static final int THREADS_MAX = 8;
    private static final int THREADS_MIN = 3;
    /// How long a client may be silent. Chosen: longer than fetching a small blob takes.
    private static final long IDLE_MILLIS_MAX = 120_000;

    private final Server server;
    private final ServerConnector connector;

    /// @param address host and port; port 0 is any that is free
    public RegistryServer(InetSocketAddress address, PullThrough cache) {
        var threads = new QueuedThreadPool(THREADS_MAX, THREADS_MIN);
        threads.setName("registry");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        threads.setVirtualThreadsExecutor(
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("registry-request-", 0).factory()));
        this.server = new Server(threads);
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
        connector.setHost(address.getHostString());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(IDLE_MILLIS_MAX);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, server));
        server.setHandler(new RegistryRequests(cache));
    }

    /// @throws IOException nobody can listen there
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw new IOException("the registry cannot listen on %s:%d: %s".formatted(connector.getHost(),
                    connector.getPort(), e.getMessage()), e);
        } catch (Exception e) {
            throw new IOException("the registry did not start", e);
        }
    }

    /// Where it listens.
    public int port() {
        return connector.getLocalPort();
    }

    @Override public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            System.getLogger(RegistryServer.class.getName()).log(System.Logger.Level.WARNING, "registry.stop", e);
        }
    }
}
