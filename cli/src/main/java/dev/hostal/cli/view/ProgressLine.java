package dev.hostal.cli.view;

import dev.hostal.api.OperationV1;
import java.time.Duration;

/// One picture of an operation, as a line.
final class ProgressLine {
    private static final int BAR = 24;
    /// Totals from here on are shown as sizes. Chosen: nothing else is counted that far.
    private static final long SIZE_MIN = 1 << 20;

    private ProgressLine() {}

    /// `downloading debian:12  [########................]  33%  16 MiB of 48.5 MiB  4 s`, no wider than the terminal.
    static String of(OperationV1 operation, Duration elapsed, int columns) {
        var tail = "  " + Human.duration(elapsed);
        if (operation.total() > 0) {
            int filled = (int) (fraction(operation) * BAR);
            var bar = "  [" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]";
            tail = bar + "  " + percent(operation) + sizes(operation) + tail;
            if (operation.stage().length() / 2 + tail.length() > columns - 1) tail = tail.substring(bar.length());
        }
        int room = Math.max(0, columns - 1 - tail.length());
        var stage = operation.stage();
        if (stage.length() > room) stage = stage.substring(0, Math.max(0, room - 1)) + (room > 0 ? "…" : "");
        var line = stage + tail;
        return line.length() < columns ? line : line.substring(0, Math.max(0, columns - 1));
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
