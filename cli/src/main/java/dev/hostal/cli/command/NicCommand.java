package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;

/// `hostal network nics`, `shape` and `capture`: what one looks at, and slows, is a NIC.
public final class NicCommand implements Command {
    private static final Parameter INSTANCE = Parameter.one("INSTANCE", Parameter.Names.INSTANCE);
    private static final Parameter NETWORK = Parameter.one("NETWORK", Parameter.Names.OTHER);
    private static final int SECONDS_MAX = 86_400;

    private final String verb;

    public NicCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        return switch (verb) {
            case "nics" -> Usage.of("network nics", "list the NICs of an instance", """
                    Lists the NICs of an instance with their addresses and what they have carried, as the guest sees it.""")
                    .parameters(INSTANCE);
            case "shape" -> Usage.of("network shape", "slow a NIC", """
                    Limits what a NIC carries, at once where its instance runs; what is not said is not limited any more. Delay
                    and loss need a kernel with netem, and are of what the guest receives.""")
                    .options(value("rate-in", "RATE", "Bits a second that the guest receives, such as 10M."),
                            value("rate-out", "RATE", "Bits a second that the guest sends."),
                            value("delay", "TIME", "Such as 20ms."), value("loss", "PERCENT", "Such as 0.5%."))
                    .parameters(INSTANCE, NETWORK)
                    .example("hostal network shape web default --rate-out 10M", "Ten megabits a second out");
            case "capture" -> Usage.of("network capture", "write what a NIC carries into a file", """
                    Writes the frames of a NIC, both ways, in the format of pcap, which tcpdump and wireshark read.""")
                    .options(value('o', "output", "FILE", "The file to write; standard output where none is given."),
                            value('c', "count", "COUNT", "End after that many frames."),
                            value("seconds", "SECONDS", "End after that time; a minute where none is given."))
                    .parameters(INSTANCE, NETWORK)
                    .example("hostal network capture web default | tcpdump -r -", "What web says, in words");
            default -> throw new IllegalStateException(verb);
        };
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var networks = session.hostal().networks();
        var instance = arguments.word("INSTANCE");
        switch (verb) {
            case "nics" -> list(arguments, session);
            case "shape" -> {
                var words = new TreeMap<String, String>();
                for (var word : List.of("rate-in", "rate-out", "delay", "loss")) {
                    arguments.find(word).ifPresent(text -> words.put(word, text));
                }
                networks.shape(instance, arguments.word("NETWORK"), words);
            }
            case "capture" -> {
                int count = arguments.count("count", 1, Integer.MAX_VALUE).orElse(0);
                int seconds = arguments.count("seconds", 1, SECONDS_MAX).orElse(60);
                if (arguments.find("output").isEmpty() && session.terminal().isOutput()) throw new UsageError(
                        "a capture is not for a terminal: name a file with -o, or pipe it");
                return ReceivedArchive.write(networks.capture(instance, arguments.word("NETWORK"), count, seconds), arguments,
                        session);
            }
            default -> throw new IllegalStateException(verb);
        }
        return 0;
    }

    private static void list(Arguments arguments, Session session) throws IOException, InterruptedException {
        var nics = session.hostal().networks().nics(arguments.word("INSTANCE"));
        if (arguments.json()) {
            session.print(nics);
            return;
        }
        var table = new Table("NETWORK", "MAC", "IPV4", "IPV6", "GROUPS", "RECEIVED", "SENT", "DROPPED");
        for (var nic : nics) {
            boolean counted = nic.has("packetsReceived");
            table.row(nic.text("network"), nic.text("mac"), nic.findText("ipv4").orElse("-"), nic.findText("ipv6").orElse("-"),
                    nic.texts("groups").isEmpty() ? "-" : String.join(",", nic.texts("groups")),
                    counted ? nic.integer("packetsReceived") + " packets" : "-",
                    counted ? nic.integer("packetsSent") + " packets" : "-", counted ? "" + nic.integer("dropped") : "-");
        }
        table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
    }
}
