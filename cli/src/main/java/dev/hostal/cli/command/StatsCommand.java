package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.InstanceV1;
import dev.hostal.api.StatsV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// `hostal stats`.
public final class StatsCommand implements Command {
    private static final int INTERVAL_MILLIS = 1000;

    /// A reading, and when it was made.
    private record Reading(StatsV1 stats, long atNanos) {}

    @Override public Usage usage() {
        return Usage.of("stats", "show what instances use", """
                        Prints what each running instance uses: processors (measured over a second; 100% is one of
                        them), memory, disk and network since its start. With --json the counters as they are.""")
                .options(flag('f', "follow", "Go on, each second, until Ctrl-C."))
                .parameters(Parameter.any("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        if (arguments.json() && !arguments.has("follow")) {
            session.print(read(arguments, hostal).stream().map(reading -> reading.stats().toJson()).toList());
            return 0;
        }
        var before = new HashMap<String, Reading>();
        read(arguments, hostal).forEach(reading -> before.put(reading.stats().id(), reading));
        do {
            Thread.sleep(INTERVAL_MILLIS);
            var now = read(arguments, hostal);
            if (arguments.json()) {
                for (var reading : now) {
                    session.out().line(reading.stats().toJson().toText());
                }
            } else {
                // Home and clear to the end, on a terminal that is looked at.
                if (arguments.has("follow") && session.terminal().isOutput()) session.out().text("\033[H\033[J");
                print(now, before, session);
            }
            session.out().flush();
            now.forEach(reading -> before.put(reading.stats().id(), reading));
        } while (arguments.has("follow"));
        return 0;
    }

    private static List<Reading> read(Arguments arguments, Hostal hostal) throws IOException {
        var named = arguments.words("INSTANCE");
        if (!named.isEmpty()) {
            var readings = new ArrayList<Reading>();
            for (var ref : named) {
                readings.add(new Reading(hostal.stats(ref), System.nanoTime()));
            }
            return readings;
        }
        var readings = new ArrayList<Reading>();
        for (InstanceV1 instance : hostal.instances()) {
            if (!instance.phase().equals("running") && !instance.phase().equals("paused")) continue;
            try {
                readings.add(new Reading(hostal.stats(instance.id()), System.nanoTime()));
            } catch (ApiException _) {
                // It ended meanwhile.
            }
        }
        return readings;
    }

    private static void print(List<Reading> now, Map<String, Reading> before, Session session) throws IOException {
        var table = new Table("NAME", "CPU", "MEMORY", "LIMIT", "PROCESSES", "DISK READ", "WRITTEN", "NET RECEIVED",
                "SENT");
        for (var reading : now) {
            var stats = reading.stats();
            table.row(stats.name(), cpu(reading, before.get(stats.id())), Human.size(stats.memory()),
                    stats.memoryLimit() > 0 ? Human.size(stats.memoryLimit()) : "-", String.valueOf(stats.processes()),
                    Human.size(stats.diskRead()), Human.size(stats.diskWritten()), Human.size(stats.netReceived()),
                    Human.size(stats.netSent()));
        }
        table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
    }

    private static String cpu(Reading now, Reading before) {
        if (before == null || now.atNanos() <= before.atNanos()) return "-";
        double used = now.stats().cpuNanos() - before.stats().cpuNanos();
        double share = used / (now.atNanos() - before.atNanos());
        return "%.0f%%".formatted(100 * Math.max(0, share));
    }
}
