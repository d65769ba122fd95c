package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.DeviceNodes;
import dev.hostal.model.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Devices of the host that a container gets beside those that every container has (null, zero, full, random, urandom,
/// tty, ptmx, pts). Source: OCI runtime-spec, config-linux.md, "Devices".
///
/// @param others rules for devices that have no node
/// @param everything every device may be used, whether it has a node or not
record Devices(List<Node> nodes, List<JsonObject> others, boolean everything) {
    /// What has its own file system or is made by the runtime.
    private static final Set<String> NOT_GIVEN =
            Set.of("pts", "shm", "mqueue", "fd", "console", "ptmx", "tty", "null", "zero", "full", "random",
                    "urandom", ".hostal");
    private static final String ALL_ACCESS = "rwm";
    /// Source: the kernel's cgroup-v1/devices.rst.
    private static final Pattern RULE = Pattern.compile("([acb]) ([0-9]{1,9}|\\*):([0-9]{1,9}|\\*) ([rwm]{1,3})");

    /// @param path in the container
    record Node(String path, DeviceNodes.Device device, String access) {
        JsonObject node() throws IOException {
            return new JsonObject().put("path", path).put("type", device.type()).put("major", device.major())
                    .put("minor", device.minor()).put("fileMode", device.permissions()).put("uid", 0).put("gid", 0);
        }

        JsonObject rule() {
            return new JsonObject().put("allow", true).put("type", device.type()).put("major", device.major())
                    .put("minor", device.minor()).put("access", access);
        }
    }

    static Devices of(Confinement wanted) throws IOException {
        var nodes = new ArrayList<Node>();
        var others = new ArrayList<JsonObject>();
        if (wanted.privileged()) below(Path.of("/dev"), "/dev", ALL_ACCESS, nodes);
        for (var text : wanted.devices()) {
            var rule = RULE.matcher(text);
            if (rule.matches()) {
                others.add(rule(rule));
                continue;
            }
            var words = text.split(":", 3);
            boolean shorter = words.length == 2 && !words[1].startsWith("/");
            var inside = words.length > 1 && !shorter ? words[1] : words[0];
            var access = words.length == 3 ? words[2] : shorter ? words[1] : ALL_ACCESS;
            if (!words[0].startsWith("/") || !inside.startsWith("/") || !access.matches("[rwm]{1,3}")) {
                throw bad(text, "is not HOST[:GUEST[:rwm]] with absolute paths");
            }
            var host = real(Path.of(words[0]), text);
            if (Files.isDirectory(host)) below(host, inside, access, nodes);
            else nodes.add(new Node(inside, read(host, text), access));
        }
        return new Devices(nodes, others, wanted.privileged());
    }

    private static JsonObject rule(Matcher words) {
        var json = new JsonObject().put("allow", true).put("type", words.group(1));
        if (!words.group(2).equals("*")) json.put("major", Long.parseLong(words.group(2)));
        if (!words.group(3).equals("*")) json.put("minor", Long.parseLong(words.group(3)));
        return json.put("access", words.group(4));
    }

    List<JsonObject> linuxDevices() throws IOException {
        var all = new ArrayList<JsonObject>();
        for (var node : nodes) {
            all.add(node.node());
        }
        return all;
    }

    /// Rules for the cgroup, the first one refusing what no other allows.
    List<JsonObject> rules() {
        if (everything) return List.of(new JsonObject().put("allow", true).put("access", ALL_ACCESS));
        return Stream.concat(Stream.of(new JsonObject().put("allow", false).put("access", ALL_ACCESS)),
                Stream.concat(nodes.stream().map(Node::rule), others.stream())).toList();
    }

    private static void below(Path folder, String inside, String access, List<Node> nodes) throws IOException {
        try (var entries = Files.newDirectoryStream(folder)) {
            for (var entry : entries) {
                var name = entry.getFileName().toString();
                if (folder.equals(Path.of("/dev")) && NOT_GIVEN.contains(name)) continue;
                if (Files.isSymbolicLink(entry)) continue;
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) below(entry, inside + "/" + name, access, nodes);
                else if (!Files.isRegularFile(entry)) add(entry, inside + "/" + name, access, nodes);
            }
        }
    }

    /// Sockets and pipes are no devices, and a device may be gone again.
    private static void add(Path entry, String inside, String access, List<Node> nodes) {
        try {
            nodes.add(new Node(inside, DeviceNodes.read(entry), access));
        } catch (IOException _) {
            // Not given.
        }
    }

    private static Path real(Path path, String text) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw bad(text, "names nothing on this host");
        }
    }

    private static DeviceNodes.Device read(Path path, String text) {
        try {
            return DeviceNodes.read(path);
        } catch (IOException e) {
            throw bad(text, "names no device");
        }
    }

    private static Problem bad(String text, String why) {
        return new Problem(ErrorCode.BAD_REQUEST, "confinement.devices: '%s' %s.".formatted(text, why));
    }
}
