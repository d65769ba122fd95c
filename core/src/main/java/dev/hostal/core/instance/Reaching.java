package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Networks.Probe;
import dev.hostal.core.Networks.Reached;
import dev.hostal.core.network.NetworkTable;
import dev.hostal.core.network.Reach.End;
import dev.hostal.model.Subnet;
import dev.hostal.spi.Guest;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.OwnNetwork;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who reaches whom, from what is wanted and by trying.
record Reaching(NetworkTable table, Registry registry) {
    /// Chosen: a packet within a host takes less than a millisecond, an emulated guest some.
    private static final Duration PROBE_MAX = Duration.ofSeconds(4);
    private static final int OUTPUT_MAX = 4096;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp");

    /// @param from name or id of an instance, `host`, or an address outside
    Reached of(String from, String to, String protocol, int port, boolean probes) throws InterruptedException {
        if (!PROTOCOLS.contains(protocol)) throw Problem.badMember("protocol",
                "'%s' is not tcp, udp or icmp.".formatted(protocol));
        if (port > 65_535 || port == 0 && !protocol.equals("icmp")) throw Problem.badMember("port",
                "A way of %s leads to a port of 1 to 65535, such as web:80.".formatted(protocol));
        var source = end(from);
        var answer = table.reach(source, end(to), protocol, port);
        var verdict = answer.verdict();
        if (!probes) return new Reached(verdict.allowed(), verdict.because(), answer.address(), Optional.empty());
        if (!protocol.equals("tcp")) throw Problem.badMember("probe", "A way of tcp can be probed, of %s not.".formatted(protocol));
        var address = answer.address().or(() -> address(to)).orElseThrow(() -> Problem.badMember("probe",
                "There is no address that could be tried: %s.".formatted(verdict.because())));
        return new Reached(verdict.allowed(), verdict.because(), answer.address(),
                Optional.of(probe(source, address, port)));
    }

    private End end(String text) {
        if (text.equals("host")) return new End.Host();
        if (Subnet.isAddress(text)) return new End.Outside(Subnet.canonical(text));
        var instance = registry.get(text).view();
        return table.end(instance.id(), instance.name().value());
    }

    /// Also where nothing is allowed a packet can be sent.
    private Optional<String> address(String to) {
        return Subnet.isAddress(to) || to.equals("host") ? Optional.empty()
                : table.nics().of(registry.get(to).id()).stream().flatMap(nic -> nic.addresses().stream()).findFirst();
    }

    private Probe probe(End source, String address, int port) throws InterruptedException {
        return switch (source) {
            case End.Host _ -> connect(address, port);
            case End.Outside _ -> throw Problem.badMember("probe", "No packet can be sent in the name of an address outside.");
            case End.Guest guest -> {
                var running = registry.get(guest.id()).running();
                try {
                    yield running.machine() instanceof OwnNetwork own ? own.inNetwork(() -> connect(address, port))
                            : inGuest(running.guest(), address, port);
                } catch (IOException e) {
                    throw new Problem(ErrorCode.DRIVER_FAILED, "No packet could be sent by %s: %s"
                            .formatted(guest.name(), e.getMessage()), e);
                }
            }
        };
    }

    private static Probe connect(String address, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), (int) PROBE_MAX.toMillis());
            return new Probe(true, "connected to %s port %d".formatted(address, port));
        } catch (SocketTimeoutException _) {
            return new Probe(false, "nothing came back from %s port %d in %d seconds".formatted(address, port,
                    PROBE_MAX.toSeconds()));
        } catch (NoRouteToHostException e) {
            return new Probe(false, "turned away on the way to %s port %d: %s".formatted(address, port, e.getMessage()));
        } catch (ConnectException e) {
            boolean answered = String.valueOf(e.getMessage()).contains("refused");
            return new Probe(answered, answered ? "%s answered, but nothing listens on port %d".formatted(address, port)
                    : "turned away on the way to %s port %d: %s".formatted(address, port, e.getMessage()));
        } catch (IOException e) {
            return new Probe(false, "not sent to %s port %d: %s".formatted(address, port, e.getMessage()));
        }
    }

    /// By what the guest has: its kernel is its own.
    private static Probe inGuest(Guest guest, String address, int port) throws IOException, InterruptedException {
        var command = List.of("sh", "-c", "nc -w 3 \"$0\" \"$1\" </dev/null 2>&1", address, Integer.toString(port));
        var program = new ProgramSpec(command, List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), "", "/", false, false,
                Optional.empty());
        try (var process = guest.exec(program, Deadline.in(PROBE_MAX))) {
            var watch = Thread.ofVirtual().start(() -> endLate(process));
            // What a server says first is of no interest; the program ends with its input or after three seconds.
            var output = new String(process.stdout().readNBytes(OUTPUT_MAX), StandardCharsets.UTF_8).strip();
            int status = process.waitForExit().code();
            watch.interrupt();
            if (status == 127) throw Problem.badMember("probe", "The guest has no nc to send a packet with.");
            if (status == 0) return new Probe(true, "connected to %s port %d".formatted(address, port));
            boolean answered = output.contains("refused");
            return new Probe(answered, answered ? "%s answered, but nothing listens on port %d".formatted(address, port)
                    : "turned away on the way to %s port %d, or nothing came back: %s".formatted(address, port, output));
        }
    }

    private static void endLate(GuestProcess process) {
        try {
            Thread.sleep(PROBE_MAX.multipliedBy(2));
            process.signal("KILL");
        } catch (InterruptedException | IOException _) {
            // It has ended, or its machine has.
        }
    }
}
