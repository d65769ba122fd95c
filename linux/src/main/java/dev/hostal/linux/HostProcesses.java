package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs programs of this host. Each is marked in its environment with the owner, so that what a killed
/// daemon has left behind is known to the next one.
public final class HostProcesses implements Processes {
    private static final String MARK = "HOSTAL_COMMAND_OF";
    /// How long a killed program may take to disappear. Chosen: longer only when a disk hangs.
    private static final int REAP_SECONDS = 10;

    private final ProcessTable table;
    private final ProgramPath path;
    private final Map<String, String> environment;
    private final List<String> ownSession;
    private final String mark;

    /// @param environment of the programs; `LC_ALL=C` is added
    /// @param owner the same for a daemon and its successor and for no other, such as its home folder
    public HostProcesses(ProcessTable table, Map<String, String> environment, String owner) {
        this.table = table;
        this.path = ProgramPath.of(environment);
        this.environment = new HashMap<>(environment);
        this.environment.keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANGUAGE"));
        this.environment.put("LC_ALL", "C");
        this.environment.put(MARK, owner);
        this.mark = MARK + "=" + owner;
        // It keeps its pid: it forks only where it already leads a process group. Source: setsid(1)
        this.ownSession = path.find("setsid").map(program -> List.of(program.toString())).orElse(List.of());
    }

    @Override public Exit run(Command command, Deadline deadline) throws IOException, InterruptedException {
        var process = start(command);
        var streams = CommandStreams.of(command, process);
        boolean whole = false;
        try {
            whole = streams.waitForEnd(deadline);
            if (!whole) throw new CommandTimedOut(command.argv().getFirst(), streams.stderr());
            return new Exit(process.exitValue(), streams.stdout(), streams.stderr());
        } finally {
            if (!whole) {
                end(process);
            }
        }
    }

    /// Kills what an owner of the same name has started and not waited for, because it was killed itself.
    /// To be called before the first [#run].
    public void ensureNoneLeft() throws IOException {
        for (var stat : table.list()) {
            // A daemon that was itself started by such a program has inherited the mark.
            boolean self = stat.id().pid() == ProcessHandle.current().pid();
            if (!self && table.hasEnvironment(stat.id().pid(), mark)) {
                table.kill(stat.id());
            }
        }
    }

    private Process start(Command command) throws IOException {
        var program = command.argv().getFirst();
        var file = path.find(program).orElseThrow(() ->
                new NoSuchFileException(program, null, "there is no such program on this host"));
        var argv = new ArrayList<>(ownSession);
        argv.add(file.toString());
        argv.addAll(command.argv().subList(1, command.argv().size()));
        var builder = new ProcessBuilder(argv);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(command.env());
        command.workdir().ifPresent(folder -> builder.directory(folder.toFile()));
        if (command.stdin() instanceof Command.Stdin.Empty) {
            builder.redirectInput(Redirect.from(DetachedProcesses.NULL));
        }
        switch (command.stdout()) {
            case Command.Stdout.Appended(var target) -> {
                builder.redirectErrorStream(true);
                builder.redirectOutput(Redirect.appendTo(target.toFile()));
            }
            case Command.Stdout.Text _, Command.Stdout.To _ -> { }
        }
        return builder.start();
    }

    private void end(Process process) throws IOException {
        table.killSession(process.pid());
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(REAP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
