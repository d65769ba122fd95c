package dev.hostal.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/// Prints samples beside their peers: the first of a group is ours, the ratio is ours to each peer's median.
final class Table {
    private static final String ROW = "%-26s %-34s %8s %10s %10s %10s %12s%n";

    private final PrintStream out;

    Table(PrintStream out) {
        this.out = out;
        out.printf(ROW, "what", "who", "runs", "min", "p50", "p99", "ours / this");
    }

    void add(String what, List<Sample> ours) {
        var first = ours.getFirst();
        for (var sample : ours) {
            out.printf(Locale.ROOT, ROW, what, sample.name(), sample.values().size(), show(sample.min(), sample.unit()),
                    show(sample.median(), sample.unit()), show(sample.p99(), sample.unit()),
                    sample == first ? "" : String.format(Locale.ROOT, "%.2f", first.median() / sample.median()));
        }
        out.flush();
    }

    private static String show(double value, String unit) {
        return String.format(Locale.ROOT, value < 10 ? "%.3f %s" : "%.1f %s", value, unit);
    }
}
