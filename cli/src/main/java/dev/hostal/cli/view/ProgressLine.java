package dev.hostal.cli.view;

import dev.hostal.api.OperationV1;
import java.time.Duration;
import java.util.List;

/// One picture of an operation, as a line.
final class ProgressLine {
    /// Totals from here on are shown as sizes. Chosen: nothing else is counted that far.
    private static final long SIZE_MIN = 1 << 20;

    /// Lines of parts. Chosen: more would leave a small terminal.
    private static final int PARTS_MAX = 8;

    private ProgressLine() {}

    /// `downloading debian:12  [########................]  33%  16 MiB of 48.5 MiB  4 s`, narrower than the terminal:
    /// first the drawing gives way, then the sizes, and last the end of the stage.
    static String of(OperationV1 operation, Duration elapsed, int columns) {
        var stage = operation.stage();
        int room = Math.max(0, columns - 1);
        for (var tail : tails(operation, "  " + Human.duration(elapsed))) {
            if (stage.length() + tail.length() <= room) return stage + tail;
        }
        var tail = (operation.total() > 0 ? "  " + percent(operation) : "") + "  " + Human.duration(elapsed);
        int stageRoom = Math.max(0, room - tail.length());
        var line = (stageRoom == 0 ? "" : stage.substring(0, stageRoom - 1) + "…") + tail;
        return line.substring(0, Math.min(line.length(), room));
    }

    /// One line for each part that is under way; what is over or has not begun is counted by the line above.
    static List<String> parts(OperationV1 operation, int columns) {
        return operation.parts().stream().filter(part -> part.total() > 0 && part.done() < part.total())
                .limit(PARTS_MAX).map(part -> part(part, columns)).toList();
    }

    private static String part(OperationV1.PartV1 part, int columns) {
        var words = "  %s  %-11s".formatted(part.name(), part.stage());
        var tail = "  [" + bar((double) part.done() / part.total(), 24) + "]  "
                + "%3d%%  %s of %s".formatted((int) (100.0 * part.done() / part.total()), Human.size(part.done()),
                        Human.size(part.total()));
        var line = words.length() + tail.length() < columns ? words + tail : words;
        return line.substring(0, Math.clamp(columns - 1, 0, line.length()));
    }

    /// What may stand after the stage, the richest first.
    private static List<String> tails(OperationV1 operation, String time) {
        if (operation.total() <= 0) return List.of(time);
        var percent = "  " + percent(operation);
        var sizes = sizes(operation);
        return List.of(bar(operation, 24) + percent + sizes + time, bar(operation, 10) + percent + sizes + time,
                bar(operation, 10) + percent + time, percent + time);
    }

    private static String bar(OperationV1 operation, int width) {
        return "  [" + bar(fraction(operation), width) + "]";
    }

    private static String bar(double fraction, int width) {
        int filled = (int) (Math.clamp(fraction, 0, 1) * width);
        return "#".repeat(filled) + ".".repeat(width - filled);
    }

    /// The same without a drawing, for logs.
    static String words(OperationV1 operation, Duration elapsed) {
        var far = operation.total() > 0 ? ": " + percent(operation).strip() + sizes(operation) : "";
        return "%s%s (%s)".formatted(operation.stage(), far, Human.duration(elapsed));
    }

    private static double fraction(OperationV1 operation) {
        return Math.clamp((double) operation.done() / operation.total(), 0, 1);
    }

    private static String percent(OperationV1 operation) {
        return "%3d%%".formatted((int) (fraction(operation) * 100));
    }

    private static String sizes(OperationV1 operation) {
        if (operation.total() < SIZE_MIN) return "";
        return "  %s of %s".formatted(Human.size(operation.done()), Human.size(operation.total()));
    }
}
