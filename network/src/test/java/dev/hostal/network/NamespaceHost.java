package dev.hostal.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Link;
import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Subnet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A host of a test's own: a network namespace in which the driver works, so that the real one is not touched; and guests at
/// its networks, which are network namespaces, too. Each test has a new one.
final class NamespaceHost implements BeforeEachCallback, AfterEachCallback {
    private Path folder;
    private Path host;
    private ProcessTable table;
    private HostProcesses processes;

    interface Body {
        void run(HostNetworks networks) throws IOException, InterruptedException;
    }

    @Override public void beforeEach(ExtensionContext test) throws IOException, InterruptedException {
        folder = Files.createTempDirectory("hostal-network");
        host = folder.resolve("host");
        table = new ProcessTable();
        processes = new HostProcesses(table, System.getenv(), folder.toString());
        NetworkNamespaces.create(host, () -> {
            try (var links = Links.open()) {
                links.up(1);
            }
            return null;
        });
    }

    @Override public void afterEach(ExtensionContext test) throws Exception {
        onHost(networks -> networks.apply(NetworkPlan.NOTHING, soon()));
        NetworkNamespaces.ensureAbsent(host);
        table.close();
        Folders.ensureAbsentWithMounts(folder);
    }

    /// Its files.
    Path folder() {
        return folder;
    }

    Path namespace() {
        return host;
    }

    ProcessTable table() {
        return table;
    }

    HostProcesses processes() {
        return processes;
    }

    void onHost(Body body) throws Exception {
        onHost("", body);
    }

    /// @param home of one of several daemons on this host
    void onHost(String home, Body body) throws Exception {
        NetworkNamespaces.in(host, () -> {
            var path = ProgramPath.of(System.getenv());
            var networks = HostNetworks.open(new HostNetworks.Services(folder.resolve("home" + home),
                    folder.resolve("run" + home), processes, table, new DetachedProcesses(table, path), path, NO_PACKAGES));
            try {
                body.run(networks);
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                networks.close();
            }
            return null;
        });
    }

    Path guest(HostNetworks networks, String name, Plug plug) throws IOException, InterruptedException {
        var file = folder.resolve(name);
        NetworkNamespaces.create(file, () -> null);
        try (var links = Links.open()) {
            links.addVeth(plug.device(), links.find(networks.names().bridge("lab")).orElseThrow().index(), 1500,
                    new Links.Peer("eth0", Links.mac(plug.mac()), file));
            links.port(links.find(plug.device()).orElseThrow().index(), false, true);
        }
        assertThat(in(file, "ip", "address", "add", plug.ipv4().orElseThrow() + "/24", "dev", "eth0")).isZero();
        if (plug.ipv6().isPresent()) {
            assertThat(in(file, "ip", "address", "add", plug.ipv6().get() + "/64", "dev", "eth0", "nodad")).isZero();
        }
        assertThat(in(file, "ip", "link", "set", "eth0", "up")).isZero();
        return file;
    }

    int in(Path namespace, String... words) throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
        argv.addAll(List.of(words));
        return processes.run(Command.of(argv), soon()).status();
    }

    String run(String... words) throws IOException, InterruptedException {
        return processes.run(Command.of(words), soon()).stdout();
    }

    static ServerSocket listen(Path namespace, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(namespace, () -> new ServerSocket(port, 10, InetAddress.getByName("0.0.0.0")));
    }

    static ServerSocket listen6(Path namespace, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(namespace, () -> new ServerSocket(port, 10, InetAddress.getByName("::")));
    }

    static Socket connect(Path from, String address, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(from, () -> {
            var socket = new Socket();
            socket.connect(new InetSocketAddress(address, port), 1500);
            return socket;
        });
    }

    static boolean connects(Path from, String address, int port) throws IOException, InterruptedException {
        try (var _ = connect(from, address, port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    static void send(Path from, int port, String address, int to) throws IOException, InterruptedException {
        NetworkNamespaces.in(from, () -> {
            try (var socket = new DatagramSocket(port)) {
                socket.send(new DatagramPacket(new byte[] {1}, 1, InetAddress.getByName(address), to));
            }
            return null;
        });
    }

    static Plug plug(HostNetworks networks, int number, String network, String address) {
        return new Plug(networks.names().nics() + "%08d".formatted(number), network, "52:54:00:00:00:%02x".formatted(number),
                Optional.of(address), Optional.empty(), List.of("guest-" + number));
    }

    static Plug plug6(HostNetworks networks, int number, String four, String six) {
        var plain = plug(networks, number, "lab", four);
        return new Plug(plain.device(), plain.network(), plain.mac(), plain.ipv4(), Optional.of(six), plain.names());
    }

    static NetworkPlan plan(HostNetworks networks, List<Plug> plugs) {
        return new NetworkPlan(List.of(net(networks, "lab", NetworkKind.NAT, 0), net(networks, "dark", NetworkKind.ISOLATED, 1)),
                plugs, List.of(), true);
    }

    static Net net(HostNetworks networks, String name, NetworkKind kind, int number) {
        return new Net(name, networks.names().bridge(name), kind, 1500, Subnet.parse("10.64.%d.0/24".formatted(number)),
                Subnet.parse("fd00:%d::/64".formatted(number + 1)), false);
    }

    static boolean reaches(Path from, String address) throws IOException, InterruptedException {
        return NetworkNamespaces.in(from, () -> {
            try {
                return InetAddress.getByName(address).isReachable(1500);
            } catch (SocketException _) {
                return false;
            }
        });
    }

    static List<String> links() throws IOException {
        try (var links = Links.open()) {
            return links.list().stream().filter(Link::up).map(Link::name).toList();
        }
    }

    static String macOf(String device) throws IOException {
        try (var links = Links.open()) {
            return links.find(device).orElseThrow().mac();
        }
    }

    static Deadline soon() {
        return Deadline.in(Duration.ofMinutes(1));
    }

    private static final Packages NO_PACKAGES = new Packages() {
        @Override public Optional<Path> findProgram(String name) {
            return ProgramPath.of(Map.copyOf(System.getenv())).find(name);
        }

        @Override public boolean isInstalled(String name) {
            return true;
        }

        @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline) {
            throw new AssertionError("install them before: " + names);
        }

        @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline) {
            throw new AssertionError("install them before: " + programs);
        }
    };
}
