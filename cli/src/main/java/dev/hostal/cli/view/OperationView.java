package dev.hostal.cli.view;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.Output;
import dev.hostal.cli.terminal.Terminal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Shows how far an operation is: on a terminal one line, and one for each of the parts that are under way, redrawn and
/// erased at the end; elsewhere a line a stage and now and then a sign of life. What is over at once is not shown.
///
/// The operation's changes come on one thread and the time on another; closing it stops both.
public final class OperationView implements AutoCloseable {
    /// Nothing is shown before. Chosen: what is shorter only flickers.
    static final Duration QUIET = Duration.ofMillis(300);
    /// Between two signs of life where there is no terminal.
    static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(100);

    private final Output err;
    private final boolean redraws;
    private final int columns;
    private final Clock clock;
    private final Instant began;
    private Optional<OperationV1> now = Optional.empty();
    private String shown = "";
    private Instant shownAt;
    private boolean closed;

    public OperationView(Output err, Terminal terminal, Clock clock) {
        this.err = err;
        this.redraws = terminal.isError();
        this.columns = terminal.columns().orElse(80);
        this.clock = clock;
        this.began = clock.instant();
        this.shownAt = began;
    }

    /// Begins to draw by itself, on a thread that ends with this view.
    public OperationView start() {
        var ticker = new Thread(this::tickOn, "progress");
        ticker.setDaemon(true);
        ticker.start();
        return this;
    }

    /// Takes a new picture of the operation.
    public synchronized void change(OperationV1 operation) {
        now = Optional.of(operation);
        tick();
    }

    /// Shows what there is to show at this time.
    synchronized void tick() {
        if (closed || now.isEmpty() || now.get().stage().isEmpty()) return;
        var elapsed = Duration.between(began, clock.instant());
        if (elapsed.compareTo(QUIET) < 0) return;
        try {
            if (redraws) redraw(now.get(), elapsed);
            else report(now.get(), elapsed);
            err.flush();
        } catch (IOException nobodyLooks) {
            closed = true;
        }
    }

    private void redraw(OperationV1 operation, Duration elapsed) throws IOException {
        var lines = new ArrayList<>(List.of(ProgressLine.of(operation, elapsed, columns)));
        lines.addAll(ProgressLine.parts(operation, columns));
        var text = String.join("\n", lines);
        if (text.equals(shown)) return;
        err.text(toTop() + "\r" + String.join("\033[K\n", lines) + "\033[K"
                + (text.contains("\n") || shown.contains("\n") ? "\033[J" : ""));
        shown = text;
    }

    /// Back to the first of the lines that are drawn.
    private String toTop() {
        long below = shown.chars().filter(letter -> letter == '\n').count();
        return below == 0 ? "" : "\033[" + below + "A";
    }

    private void report(OperationV1 operation, Duration elapsed) throws IOException {
        boolean newStage = !operation.stage().equals(shown);
        boolean silentLong = Duration.between(shownAt, clock.instant()).compareTo(HEARTBEAT) >= 0;
        if (!newStage && !silentLong) return;
        err.line("hostal: " + (newStage ? operation.stage() : ProgressLine.words(operation, elapsed)));
        shown = operation.stage();
        shownAt = clock.instant();
    }

    /// Erases what is drawn; nothing is drawn any more.
    @Override public synchronized void close() {
        if (closed) return;
        closed = true;
        notifyAll();
        try {
            if (redraws && !shown.isEmpty()) err.text(toTop() + "\r\033[K" + (toTop().isEmpty() ? "" : "\033[J"));
            err.flush();
        } catch (IOException _) {
            // Nobody looks.
        }
    }

    private synchronized void tickOn() {
        try {
            while (!closed) {
                wait(TICK.toMillis());
                tick();
            }
        } catch (InterruptedException _) {
            // Asked to end: it ends.
        }
    }
}
