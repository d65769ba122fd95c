package dev.hostal.cli.command;

import dev.hostal.api.ProbeV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;
import java.util.List;

/// `hostal doctor`.
public final class DoctorCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("doctor", "say what works on this host, and what helps", """
                        Prints the verdict of every probe, its reason, and what helps where it does not work. A verdict
                        is found by trying, not by a version or because a file exists.""")
                .notes("0  Everything that must work does.", "1  Something that must work does not.");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var probes = session.hostal().doctor();
        if (arguments.json()) session.print(probes.stream().map(ProbeV1::toJson).toList());
        else print(probes, session);
        return probes.stream().allMatch(probe -> probe.works() || !probe.required()) ? 0 : FAILED;
    }

    private static void print(List<ProbeV1> probes, Session session) throws IOException {
        int width = probes.stream().mapToInt(probe -> probe.name().length()).max().orElse(0);
        var gap = " ".repeat(width + 9);
        for (var probe : probes) {
            session.out().line("%-5s  %s  %s".formatted(verdict(probe), probe.name()
                    + " ".repeat(width - probe.name().length()), probe.reason().strip().replace("\n", "\n" + gap)));
            if (!probe.works() && !probe.remedy().isBlank()) {
                session.out().line(gap + probe.remedy().strip().replace("\n", "\n" + gap));
            }
        }
        long broken = probes.stream().filter(probe -> probe.required() && !probe.works()).count();
        session.out().line(broken == 0 ? "\nGuests can run here."
                : "\nGuests cannot run here: %d of what they need does not work."
                .formatted(broken));
    }

    private static String verdict(ProbeV1 probe) {
        if (probe.works()) return "works";
        return probe.required() ? "FAILS" : "no";
    }
}
