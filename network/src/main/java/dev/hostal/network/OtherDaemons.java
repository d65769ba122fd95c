package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.Processes;
import dev.hostal.spi.LinkNames;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Daemons with other homes on this host, known by the names of what they have made: their bridges, and the tables of their
/// packet filters, which hold ports without anybody listening there.
record OtherDaemons(Links links, LinkNames names, Processes processes) {
    private static final Duration LIST_MAX = Duration.ofSeconds(10);
    /// Source: [LinkNames#bridge].
    private static final Pattern BRIDGE = Pattern.compile("ho([0-9a-z]{4})b[0-9a-z]{8}");
    /// An element of a map of published ports, with an address or for all of them. Source: nft(8), [RuleSets].
    private static final Pattern PUBLISHED = Pattern.compile("(?:([0-9a-f:.]+) \\. )?(tcp|udp) \\. (\\d+) : ");

    /// Whether one of them has a network that is there now.
    boolean haveNetworks() throws IOException {
        return !homes().isEmpty();
    }

    private TreeSet<String> homes() throws IOException {
        var homes = new TreeSet<String>();
        for (var link : links.list()) {
            var bridge = BRIDGE.matcher(link.name());
            if (bridge.matches() && !bridge.group(1).equals(names.home())) homes.add(bridge.group(1));
        }
        return homes;
    }

    /// Which of them has published that port, in words.
    Optional<String> holderOf(String address, int port, String protocol) throws IOException {
        for (var home : homes()) {
            var table = new LinkNames(home).table();
            var published = PUBLISHED.matcher(list(table));
            while (published.find()) {
                if (published.group(2).equals(protocol) && Integer.parseInt(published.group(3)) == port
                        && meets(InetAddress.getByName(address), published.group(1))) return Optional.of(
                        "another Hostal daemon of this host (table %s of its packet filter)".formatted(table));
            }
        }
        return Optional.empty();
    }

    private static boolean meets(InetAddress wanted, String held) throws IOException {
        if (held == null || wanted.isAnyLocalAddress()) return true;
        var other = InetAddress.getByName(held);
        return other.equals(wanted) || other.isLoopbackAddress() && wanted.isLoopbackAddress();
    }

    private String list(String table) throws IOException {
        try {
            // Gone meanwhile: it holds nothing.
            return processes.run(Command.of("nft", "list", "table", "inet", table), Deadline.in(LIST_MAX)).stdout();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + table + " was read", e);
        }
    }
}
