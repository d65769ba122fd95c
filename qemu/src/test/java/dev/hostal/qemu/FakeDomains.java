package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.domain.Domain;
import dev.hostal.domain.DomainSpec;
import dev.hostal.domain.DomainStats;
import dev.hostal.domain.Domains;
import dev.hostal.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Domains in which a QEMU is played: its sockets are there, its monitor answers, its console echoes. They
/// outlive the driver under test, as real ones do.
final class FakeDomains implements Domains {
    /// How the next QEMU behaves.
    enum Mood { WELL, REFUSED, DIES_AT_ONCE, NEVER_LISTENS, DIES_IN_BOOT }

    final ConcurrentHashMap<String, FakeQemu> running = new ConcurrentHashMap<>();
    final List<DomainSpec> started = new ArrayList<>();
    volatile Mood mood = Mood.WELL;
    volatile String lastWords = "";

    @Override public Domain start(DomainSpec spec, Deadline deadline) throws IOException {
        started.add(spec);
        if (mood == Mood.REFUSED) throw new IOException("the runtime refused");
        if (running.containsKey(spec.name())) throw new IOException("there already");
        var qemu = new FakeQemu(spec);
        running.put(spec.name(), qemu);
        qemu.begin(mood);
        return qemu;
    }

    @Override public Optional<Domain> find(String name) {
        return Optional.ofNullable(running.get(name));
    }

    @Override public Set<String> names() {
        return new TreeSet<>(running.keySet());
    }

    @Override public void ensureAbsent(String name) {
        var qemu = running.remove(name);
        if (qemu != null) qemu.kill();
    }

    /// Closes every connection, as the kernel does for a daemon that dies.
    void dropClients() {
        running.values().forEach(FakeQemu::dropClients);
    }

    /// One QEMU.
    final class FakeQemu implements Domain {
        private final DomainSpec spec;
        private final CountDownLatch ended = new CountDownLatch(1);
        private final List<ServerSocketChannel> servers = new ArrayList<>();
        private final List<SocketChannel> clients = new ArrayList<>();
        private volatile boolean paused;
        /// Ids of devices that came while it ran, and before with `nic` in their names.
        final Set<String> devices = new TreeSet<>();
        final List<String> said = new CopyOnWriteArrayList<>();

        FakeQemu(DomainSpec spec) {
            this.spec = spec;
        }

        void begin(Mood mood) throws IOException {
            spec.argv().stream().filter(word -> word.matches(".*,id=nic\\d+,.*")).forEach(word ->
                    devices.add(word.replaceAll(".*,id=(nic\\d+),.*", "$1")));
            if (mood == Mood.DIES_AT_ONCE) {
                Files.writeString(spec.outputLog(), lastWords);
                kill();
                return;
            }
            if (mood == Mood.NEVER_LISTENS) return;
            serve("qmp", this::monitor);
            serve("console", this::console);
            if (mood == Mood.DIES_IN_BOOT) {
                append("console", "Kernel panic - not syncing: no init\r\n");
                Thread.ofVirtual().start(this::kill);
            } else {
                serve("agent", channel -> channel.read(ByteBuffer.allocate(1)));
            }
        }

        /// Writes to the file that keeps a chardev's output.
        private void append(String chardev, String text) throws IOException {
            var option = spec.argv().stream().filter(word -> word.startsWith("socket,id=" + chardev)).findFirst()
                    .orElseThrow();
            var file = Path.of(option.replaceAll(".*logfile=([^,]*).*", "$1"));
            Files.writeString(file, text, StandardOpenOption.APPEND);
        }

        @FunctionalInterface
        private interface Serving {
            void serve(SocketChannel channel) throws IOException;
        }

        private void serve(String chardev, Serving serving) throws IOException {
            var option = spec.argv().stream().filter(word -> word.startsWith("socket,id=" + chardev)).findFirst()
                    .orElseThrow();
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(option.replaceAll(".*path=([^,]*),.*", "$1")));
            synchronized (servers) {
                servers.add(server);
            }
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        var client = server.accept();       // one client at a time, as QEMU
                        synchronized (servers) {
                            clients.add(client);
                        }
                        try (client) {
                            serving.serve(client);
                        } catch (IOException _) {
                            // The client went; the next one may come.
                        }
                    }
                } catch (IOException _) {
                    // The end of this QEMU.
                }
            });
        }

        private void monitor(SocketChannel channel) throws IOException {
            say(channel, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7},"
                    + " \"package\": \"\"}, \"capabilities\": []}}");
            var lines = new BufferedReader(Channels.newReader(channel, UTF_8));
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var command = JsonObject.parse(line);
                var name = command.text("execute");
                if (name.equals("stop")) paused = true;
                if (name.equals("cont")) paused = false;
                if (name.startsWith("device_") || name.startsWith("netdev_")) {
                    said.add(name + " " + command.object("arguments").text("id"));
                }
                if (name.equals("device_add")) devices.add(command.object("arguments").text("id"));
                if (name.equals("device_del")) devices.remove(command.object("arguments").text("id"));
                say(channel, "{\"return\": %s, \"id\": \"%s\"}".formatted(switch (name) {
                    case "query-status" -> "{\"status\": \"x\", \"running\": " + !paused + "}";
                    case "query-blockstats" -> "[{\"stats\": {\"rd_bytes\": 5, \"wr_bytes\": 7}},"
                            + " {\"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 0}}]";
                    case "qom-list" -> devices.stream().map(device -> "{\"name\": \"%s\", \"type\": \"x\"}".formatted(device))
                            .toList().toString();
                    default -> "{}";
                }, command.text("id")));
            }
        }

        private void console(SocketChannel channel) throws IOException {
            var buffer = ByteBuffer.allocate(1024);
            while (channel.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
        }

        private static void say(SocketChannel channel, String text) throws IOException {
            var bytes = ByteBuffer.wrap((text + "\r\n").getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        void dropClients() {
            synchronized (servers) {
                clients.forEach(FakeDomains::close);
            }
        }

        @Override public String name() {
            return spec.name();
        }

        @Override public long pid() {
            return 1;
        }

        @Override public boolean isAlive() {
            return ended.getCount() > 0;
        }

        @Override public void kill() {
            ended.countDown();
            synchronized (servers) {
                servers.forEach(FakeDomains::close);
                clients.forEach(FakeDomains::close);
            }
        }

        @Override public void waitForEnd() throws InterruptedException {
            ended.await();
        }

        @Override public DomainStats stats() {
            return new DomainStats(Duration.ofSeconds(3), Bytes.mib(100), Bytes.mib(600), 4, Bytes.ZERO, Bytes.ZERO);
        }
    }

    private static void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
