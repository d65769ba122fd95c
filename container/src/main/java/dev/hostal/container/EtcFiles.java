package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Confinement;
import dev.hostal.spi.MachineNic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// `hostname`, `hosts` and `resolv.conf` of a container. Source: hosts(5), resolv.conf(5); docker run for what is
/// written of the options.
record EtcFiles(Path folder, String hostname, Confinement wanted, List<MachineNic> nics) {
    static final List<String> NAMES = List.of("hostname", "hosts", "resolv.conf");
    private static final Path HOST_RESOLVER = Path.of("/etc/resolv.conf");

    void write() throws IOException {
        Files.writeString(folder.resolve("hostname"), hostname + "\n");
        Files.writeString(folder.resolve("hosts"), hosts());
        Files.writeString(folder.resolve("resolv.conf"), resolver());
        for (var file : NAMES) {
            Files.setPosixFilePermissions(folder.resolve(file), PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    /// The same for a container that runs, as far as its files are as they were written: the same files go on, because
    /// they are mounted. What somebody has changed stays.
    static void change(Path folder, String hostname, List<MachineNic> before, List<MachineNic> after) throws IOException {
        var hosts = new ArrayList<>(Files.readAllLines(folder.resolve("hosts")));
        var own = addresses(before);
        hosts.removeIf(line -> line.endsWith("\t" + hostname) && (own.contains(line.substring(0, line.indexOf('\t')))
                || line.startsWith("127.0.1.1\t")));
        for (var address : addresses(after).isEmpty() ? List.of("127.0.1.1") : addresses(after)) {
            hosts.add(address + "\t" + hostname);
        }
        Files.writeString(folder.resolve("hosts"), String.join("\n", hosts) + "\n");
        var was = new EtcFiles(folder, hostname, Confinement.USUAL, onBridges(before)).resolver();
        if (Files.readString(folder.resolve("resolv.conf")).equals(was)) Files.writeString(folder.resolve("resolv.conf"),
                new EtcFiles(folder, hostname, Confinement.USUAL, onBridges(after)).resolver());
    }

    /// Those of which Hostal's name servers know.
    static List<MachineNic> onBridges(List<MachineNic> nics) {
        return nics.stream().filter(nic -> nic.way() instanceof MachineNic.Way.Bridge).toList();
    }

    private static List<String> addresses(List<MachineNic> nics) {
        return onBridges(nics).stream().flatMap(nic -> nic.addresses().stream()).map(EtcFiles::withoutPrefix).toList();
    }

    private String hosts() {
        var text = new StringBuilder("""
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                ff02::1\tip6-allnodes
                ff02::2\tip6-allrouters
                """);
        var own = nics.stream().flatMap(nic -> nic.addresses().stream()).map(EtcFiles::withoutPrefix).toList();
        for (var address : own.isEmpty() ? List.of("127.0.1.1") : own) {
            text.append(address).append('\t').append(hostname).append('\n');
        }
        for (var line : wanted.extraHosts()) {
            int colon = line.indexOf(':');
            if (colon < 1 || colon == line.length() - 1) throw new Problem(ErrorCode.BAD_REQUEST,
                    "confinement.extraHosts: '%s' is not NAME:ADDRESS.".formatted(line));
            text.append(line.substring(colon + 1)).append('\t').append(line, 0, colon).append('\n');
        }
        return text.toString();
    }

    /// What is not said is as in the host's.
    private String resolver() throws IOException {
        var host = Files.isReadable(HOST_RESOLVER) ? Files.readAllLines(HOST_RESOLVER) : List.<String>of();
        var lines = new ArrayList<String>();
        add(lines, "nameserver", or(wanted.dns(), nics.stream().flatMap(nic -> nic.dns().stream()).toList()), host, true);
        add(lines, "search", or(wanted.dnsSearch(), nics.stream().flatMap(nic -> nic.search().stream()).toList()), host,
                false);
        add(lines, "options", wanted.dnsOptions(), host, false);
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private static List<String> or(List<String> wanted, List<String> otherwise) {
        return wanted.isEmpty() ? otherwise.stream().distinct().toList() : wanted;
    }

    private static String withoutPrefix(String address) {
        return address.replaceFirst("/.*", "");
    }

    private static void add(List<String> lines, String word, List<String> wanted, List<String> host, boolean oneEach) {
        if (wanted.isEmpty()) host.stream().filter(line -> line.startsWith(word + " ") || line.startsWith(word + "\t"))
                .forEach(lines::add);
        else if (oneEach) wanted.forEach(value -> lines.add(word + " " + value));
        else if (!wanted.equals(List.of("."))) lines.add(word + " " + String.join(" ", wanted));
    }
}
