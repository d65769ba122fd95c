package dev.hostal.network;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/// Who listens on a port of this host. Source: proc_net_tcp.rst; proc(5), `/proc/pid/fd`.
final class PortHolders {
    private static final Path PROC = Path.of("/proc");
    private static final Path NET = Path.of("/proc/thread-self/net");
    private static final String LISTENING = "0A";
    private static final int INODE = 9;

    private PortHolders() {}

    /// @param address that is wanted; `0.0.0.0` and `::` meet every one, and loopback meets loopback of either family: a port
    ///     that is published there is forwarded at both, and the listener at `::1` is all that is seen of another daemon's
    static Optional<String> find(String address, int port, String protocol) throws IOException {
        for (var table : new String[] {protocol, protocol + "6"}) {
            var inode = inode(NET.resolve(table), InetAddress.getByName(address), port, protocol.equals("tcp"));
            if (inode.isPresent()) return Optional.of(holder(inode.get()));
        }
        return Optional.empty();
    }

    private static Optional<String> inode(Path table, InetAddress wanted, int port, boolean tcp) throws IOException {
        if (!Files.exists(table)) return Optional.empty();
        for (var line : Files.readAllLines(table)) {
            var words = line.strip().split("\\s+");
            if (words.length <= INODE || !words[1].contains(":")) continue;
            int colon = words[1].indexOf(':');
            if (tcp && !words[3].equals(LISTENING)) continue;
            if (Integer.parseInt(words[1].substring(colon + 1), 16) != port) continue;
            var bound = address(words[1].substring(0, colon));
            boolean meets = wanted.isAnyLocalAddress() || bound.isAnyLocalAddress() || bound.equals(wanted)
                    || wanted.isLoopbackAddress() && bound.isLoopbackAddress();
            if (meets) return Optional.of(words[INODE]);
        }
        return Optional.empty();
    }

    /// The kernel writes words of four bytes in its own order.
    private static InetAddress address(String hex) throws IOException {
        var bytes = HexFormat.of().parseHex(hex);
        var turned = ByteBuffer.allocate(bytes.length);
        var words = ByteBuffer.wrap(bytes);
        var order = ByteOrder.nativeOrder();
        while (words.hasRemaining()) {
            int word = words.getInt();
            turned.putInt(order == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(word) : word);
        }
        return InetAddress.getByAddress(turned.array());
    }

    private static String holder(String inode) throws IOException {
        var wanted = "socket:[" + inode + "]";
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var process : processes) {
                if (holds(process.resolve("fd"), wanted)) return "process %s (%s)".formatted(process.getFileName(),
                        Files.readString(process.resolve("comm")).strip());
            }
        } catch (NoSuchFileException _) {
            // It ended while it was looked at.
        }
        return "a process of another user";
    }

    private static boolean holds(Path descriptors, String wanted) {
        try (var all = Files.newDirectoryStream(descriptors)) {
            for (var one : all) {
                try {
                    if (Files.readSymbolicLink(one).toString().equals(wanted)) return true;
                } catch (IOException _) {
                    // Closed meanwhile.
                }
            }
        } catch (IOException _) {
            // Ended meanwhile, or somebody else's.
        }
        return false;
    }
}
