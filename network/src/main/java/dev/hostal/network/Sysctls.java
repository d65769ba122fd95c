package dev.hostal.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Switches of the kernel that routing needs. What was changed of the host's own is remembered in a file, and put back
/// when the last network goes. Source: Documentation/networking/ip-sysctl.rst.
final class Sysctls {
    private static final Path ROOT = Path.of("/proc/sys/net");
    private static final String FORWARD4 = "ipv4/ip_forward";
    private static final String FORWARD6 = "ipv6/conf/all/forwarding";
    /// A router takes no advertisements, unless it is told to.
    private static final String ADVERTISED = "1";
    private static final String ADVERTISED_THOUGH_ROUTER = "2";

    private final Path before;

    /// @param before file in which former values are kept
    Sysctls(Path before) {
        this.before = before;
    }

    /// A published port of the loopback address leads through the bridge; no router is asked for there.
    static void ofBridge(String bridge) throws IOException {
        ensure("ipv4/conf/" + bridge + "/route_localnet", "1");
        ensure("ipv6/conf/" + bridge + "/accept_ra", "0");
        // The host asks for its guests from its own address there, which nobody else can have: without a second's wait.
        ensure("ipv6/conf/" + bridge + "/accept_dad", "0");
    }

    /// Afterwards this host routes.
    void route() throws IOException {
        change(FORWARD4, "1");
        if (!isThere(FORWARD6) || read(FORWARD6).equals("1")) return;
        // Otherwise the host would lose its own default route with the change.
        try (var interfaces = Files.newDirectoryStream(ROOT.resolve("ipv6/conf"))) {
            for (var one : interfaces) {
                var name = "ipv6/conf/" + one.getFileName() + "/accept_ra";
                if (isThere(name) && read(name).equals(ADVERTISED)) change(name, ADVERTISED_THOUGH_ROUTER);
            }
        }
        change(FORWARD6, "1");
    }

    /// Afterwards they are as they were before.
    void restore() throws IOException {
        var former = former();
        for (var one : former.entrySet()) {
            if (isThere(one.getKey())) ensure(one.getKey(), one.getValue());
        }
        Files.deleteIfExists(before);
    }

    private void change(String name, String value) throws IOException {
        if (!isThere(name)) return;
        var now = read(name);
        if (now.equals(value)) return;
        var former = former();
        if (former.putIfAbsent(name, now) == null) {
            Files.createDirectories(before.getParent());
            var text = new StringBuilder();
            former.forEach((key, old) -> text.append(key).append('=').append(old).append('\n'));
            Files.writeString(before, text);
        }
        ensure(name, value);
    }

    private Map<String, String> former() throws IOException {
        var former = new TreeMap<String, String>();
        try {
            for (var line : Files.readAllLines(before)) {
                int equals = line.indexOf('=');
                if (equals > 0) former.put(line.substring(0, equals), line.substring(equals + 1));
            }
        } catch (NoSuchFileException _) {
            // Nothing was changed.
        }
        return former;
    }

    private static void ensure(String name, String value) throws IOException {
        if (isThere(name) && !read(name).equals(value)) Files.writeString(ROOT.resolve(name), value);
    }

    private static boolean isThere(String name) {
        return Files.exists(ROOT.resolve(name));
    }

    private static String read(String name) throws IOException {
        return Files.readString(ROOT.resolve(name)).strip();
    }
}
