package dev.hostal.cli.view;

import dev.hostal.api.BuildEventV1;
import dev.hostal.cli.Output;
import dev.hostal.cli.terminal.Terminal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Shows how far a build is: on a terminal one line a step with the end of what those that run have written, redrawn; else
/// everything in BuildKit's plain form.
///
/// Events come on one thread and the time on another; closing it stops both.
public final class BuildView implements AutoCloseable {
    /// How the progress is shown.
    public enum Form { PLAIN, LIVE }

    private static final Duration TICK = Duration.ofMillis(100);
    /// Lines of output that are shown of a step that runs. Chosen: as BuildKit has it.
    private static final int TAIL = 6;
    /// Lines that are redrawn. Chosen: fewer than any terminal has.
    private static final int DRAWN_MAX = 20;

    private static final class Step {
        private final int number;
        private final String name;
        private final Instant began;
        private final Deque<String> tail = new ArrayDeque<>();
        private final StringBuilder line = new StringBuilder();
        private String end = "";
        private Duration took = Duration.ZERO;

        Step(int number, String name, Instant began) {
            this.number = number;
            this.name = name;
            this.began = began;
        }
    }

    private final Output err;
    private final Form form;
    private final int columns;
    private final Clock clock;
    private final Instant began;
    private final Map<Integer, Step> steps = new LinkedHashMap<>();
    private int spoken;
    private int drawn;
    private boolean closed;

    public BuildView(Output err, Terminal terminal, Clock clock, Form form) {
        this.err = err;
        this.form = form;
        this.columns = terminal.columns().orElse(80);
        this.clock = clock;
        this.began = clock.instant();
    }

    /// Begins to redraw by itself, on a thread that ends with this view.
    public BuildView start() {
        if (form == Form.PLAIN) return this;
        var ticker = new Thread(this::tickOn, "progress");
        ticker.setDaemon(true);
        ticker.start();
        return this;
    }

    public synchronized void take(BuildEventV1 event) {
        try {
            switch (event.event()) {
                case "begun" -> begin(event);
                case "output" -> output(event);
                case "done" -> end(event.step(), "DONE");
                case "cached" -> end(event.step(), "CACHED");
                case "failed" -> end(event.step(), "ERROR: " + event.text().lines().findFirst().orElse(""));
                default -> { }          // Of a newer daemon.
            }
        } catch (IOException nobodyLooks) {
            closed = true;
        }
    }

    private void begin(BuildEventV1 event) throws IOException {
        if (event.text().isEmpty()) return;
        var step = new Step(steps.size() + 1, event.text().lines().findFirst().orElse(""), clock.instant());
        steps.put(event.step(), step);
        if (form == Form.PLAIN) speak(step, step.name);
    }

    private void output(BuildEventV1 event) throws IOException {
        var step = steps.get(event.step());
        if (step == null) return;
        step.line.append(event.text());
        for (int end = step.line.indexOf("\n"); end >= 0; end = step.line.indexOf("\n")) {
            said(step, step.line.substring(0, end));
            step.line.delete(0, end + 1);
        }
    }

    private void said(Step step, String line) throws IOException {
        if (form == Form.PLAIN) speak(step, String.format(Locale.ROOT, "%.3f %s", since(step.began).toMillis() / 1000.0, line));
        step.tail.add(line);
        if (step.tail.size() > TAIL) step.tail.removeFirst();
    }

    private void end(int number, String how) throws IOException {
        var step = steps.get(number);
        if (step == null) return;
        if (!step.line.isEmpty()) {
            said(step, step.line.toString());
            step.line.setLength(0);
        }
        step.took = since(step.began);
        step.end = how;
        if (form == Form.PLAIN) {
            speak(step, how.equals("DONE") ? String.format(Locale.ROOT, "DONE %.1fs",
                    step.took.toMillis() / 1000.0) : how);
        }
    }

    /// A line of the plain form; an empty one parts steps.
    private void speak(Step step, String text) throws IOException {
        if (spoken != step.number && spoken != 0) err.line("");
        spoken = step.number;
        err.line("#%d %s".formatted(step.number, text));
        err.flush();
    }

    private Duration since(Instant time) {
        return Duration.between(time, clock.instant());
    }

    private synchronized void redraw() throws IOException {
        var lines = lines();
        var text = new StringBuilder(drawn > 0 ? "\033[" + drawn + "A\r" : "\r");
        for (var line : lines) {
            text.append(line, 0, Math.min(line.length(), columns - 1)).append("\033[K\n");
        }
        text.append("\033[J");
        drawn = lines.size();
        err.text(text.toString());
        err.flush();
    }

    private List<String> lines() {
        long over = steps.values().stream().filter(step -> !step.end.isEmpty()).count();
        var lines = new ArrayList<String>();
        for (var step : steps.values()) {
            var took = step.end.isEmpty() ? since(step.began) : step.took;
            var head = " => " + (step.end.equals("CACHED") ? "CACHED " : step.end.startsWith("ERROR") ? "ERROR " : "")
                    + step.name;
            var time = String.format(Locale.ROOT, "%.1fs", took.toMillis() / 1000.0);
            int room = Math.max(8, columns - 2 - time.length());
            lines.add(head.substring(0, Math.min(head.length(), room)) + " ".repeat(Math.max(1, room - head.length())) + time);
            if (step.end.isEmpty()) step.tail.forEach(line -> lines.add(" => # " + line.replaceAll("\\p{Cntrl}", " ")));
        }
        var shown = lines.subList(Math.max(0, lines.size() - DRAWN_MAX), lines.size());
        var all = new ArrayList<>(List.of(String.format(Locale.ROOT, "[+] Building %.1fs (%d/%d)",
                since(began).toMillis() / 1000.0, over, steps.size())));
        all.addAll(shown);
        return all;
    }

    /// Shows the end; nothing is drawn any more.
    @Override public synchronized void close() {
        if (closed) return;
        closed = true;
        notifyAll();
        try {
            if (form == Form.LIVE) redraw();
            err.flush();
        } catch (IOException _) {
            // Nobody looks.
        }
    }

    private synchronized void tickOn() {
        try {
            while (!closed) {
                wait(TICK.toMillis());
                if (!closed) redraw();
            }
        } catch (InterruptedException | IOException _) {
            // Asked to end, or nobody looks.
        }
    }
}
