package dev.hostal.linux;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The host's processes, children of this one or not. Methods may be called from any thread.
public final class ProcessTable implements AutoCloseable {
    public static final int SIGTERM = 15;
    public static final int SIGKILL = 9;

    /// Rounds of looking for what was started between looking and killing. Chosen.
    private static final int KILL_ROUNDS_MAX = 100;
    private static final Pattern GONE = Pattern.compile("No such process|not permitted|Permission denied");
    private static final Path PROC = Path.of("/proc");

    private final ProcessEnds ends;
    private final ConcurrentHashMap<ProcessId, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();

    public ProcessTable() throws IOException {
        this.ends = new ProcessEnds();
    }

    /// What `/proc/PID/stat` says that matters here. Source: proc(5)
    ///
    /// @param state `Z` where it has ended and nobody has asked for its status yet
    public record Stat(ProcessId id, char state, long parent, long session, int threads, long cpuTicks) {
        static Stat parse(String text) throws IOException {
            // The name is in parentheses and may itself have blanks and parentheses.
            int end = text.lastIndexOf(')');
            try {
                long pid = Long.parseLong(text.substring(0, text.indexOf(' ')));
                var fields = text.substring(end + 2).strip().split(" ");
                long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                return new Stat(new ProcessId(pid, Long.parseLong(fields[19])), fields[0].charAt(0),
                        Long.parseLong(fields[1]), Long.parseLong(fields[3]), Integer.parseInt(fields[17]), ticks);
            } catch (RuntimeException e) {
                throw new IOException("not a line of /proc/PID/stat: " + text, e);
            }
        }

        boolean isRunning() {
            return state != 'Z' && state != 'X';
        }
    }

    /// The process that has this number now and has not ended.
    public Optional<ProcessId> find(long pid) throws IOException {
        return stat(pid).filter(Stat::isRunning).map(Stat::id);
    }

    /// What is known of the process that has this number now, also when it has ended but was not reaped.
    public Optional<Stat> stat(long pid) throws IOException {
        var text = read(pid, "stat");
        return text.isEmpty() ? Optional.empty() : Optional.of(Stat.parse(text.get()));
    }

    public boolean isAlive(ProcessId id) throws IOException {
        return find(id.pid()).filter(id::equals).isPresent();
    }

    /// Every process of the host that has not ended.
    public List<Stat> list() throws IOException {
        var found = new ArrayList<Stat>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (var entry : (Iterable<Path>) entries::iterator) {
                var name = entry.getFileName().toString();
                if (!Character.isDigit(name.charAt(0))) continue;
                stat(Long.parseLong(name)).filter(Stat::isRunning).ifPresent(found::add);
            }
        }
        return found;
    }

    /// Whether a process was started with this `NAME=value` in its environment; false where we may not know.
    public boolean hasEnvironment(long pid, String variable) throws IOException {
        var at = variable.indexOf('=');
        return environment(pid, variable.substring(0, at)).filter(variable.substring(at + 1)::equals).isPresent();
    }

    /// A variable that a process was started with; empty also where we may not know.
    public Optional<String> environment(long pid, String name) throws IOException {
        var all = read(pid, "environ").orElse("");
        for (var variable : all.split("\0")) {
            if (variable.startsWith(name + "=")) return Optional.of(variable.substring(name.length() + 1));
        }
        return Optional.empty();
    }

    /// Memory of a process that is in RAM, its share of libraries included; zero where it is gone.
    public Bytes residentMemory(long pid) throws IOException {
        var status = read(pid, "status").orElse("");
        // A kernel thread has no such line.
        return status.contains("\nVmRSS:") ? HostFacts.memory(status, "VmRSS") : Bytes.ZERO;
    }

    /// Sends SIGKILL; nothing happens where the process has ended.
    public void kill(ProcessId id) throws IOException {
        signal(id, SIGKILL);
    }

    /// Sends a signal; nothing happens where the process has ended.
    public void signal(ProcessId id, int signal) throws IOException {
        var opened = open(id);
        if (opened.isEmpty()) return;
        try (var process = opened.get()) {
            process.signal(signal);
        }
    }

    /// Kills every process of a session, again and again while they start new ones. Never the caller's own
    /// session: what is meant then is something else.
    ///
    /// @param session number of the process that leads it
    public void killSession(long session) throws IOException {
        var own = stat(ProcessHandle.current().pid());
        if (own.isPresent() && own.get().session() == session) return;
        for (int round = 0; round < KILL_ROUNDS_MAX; round++) {
            var members = list().stream().filter(stat -> stat.session() == session).toList();
            if (members.isEmpty()) return;
            for (var member : members) {
                kill(member.id());
            }
        }
    }

    /// Waits until the process has ended.
    public void waitForEnd(ProcessId id) throws IOException, InterruptedException {
        try {
            end(id).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a process is no failure", e);
        }
    }

    /// Waits until the process has ended or the deadline is past; says whether it has ended.
    public boolean waitForEnd(ProcessId id, Deadline deadline) throws IOException, InterruptedException {
        try {
            end(id).get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a process is no failure", e);
        }
    }

    /// One watch a process, however many wait for it.
    private CompletableFuture<Void> end(ProcessId id) throws IOException {
        var known = awaited.get(id);
        if (known != null) return known;
        synchronized (awaited) {
            var again = awaited.get(id);
            if (again != null) return again;
            var process = open(id);
            if (process.isEmpty()) return CompletableFuture.completedFuture(null);
            var end = ends.onEnd(process.get());
            awaited.put(id, end);
            end.whenComplete((_, _) -> awaited.remove(id));
            return end;
        }
    }

    /// A descriptor of exactly that process: first opened, then compared, so that it cannot be a successor.
    private Optional<ProcessDescriptor> open(ProcessId id) throws IOException {
        var process = ProcessDescriptor.open(id.pid());
        if (process.isEmpty()) return Optional.empty();
        if (isAlive(id)) return process;
        process.get().close();
        return Optional.empty();
    }

    /// A file of a process; empty where the process is gone or the file may not be read.
    private static Optional<String> read(long pid, String file) throws IOException {
        try {
            return Optional.of(Files.readString(PROC.resolve(Long.toString(pid)).resolve(file),
                    StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException | AccessDeniedException _) {
            return Optional.empty();
        } catch (IOException e) {
            // It ended between opening and reading, or it changed its user and may not be looked into.
            if (GONE.matcher(String.valueOf(e.getMessage())).find()) return Optional.empty();
            throw e;
        }
    }

    @Override public void close() {
        ends.close();
    }
}
