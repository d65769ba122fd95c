package dev.hostal.cli;

import dev.hostal.cli.terminal.JvmSignals;
import dev.hostal.cli.terminal.LinuxTerminal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// The command line as a process with a real terminal and real signals, and a daemon in its own memory.
public final class FakeMain {
    private FakeMain() {}

    public static void main(String[] words) throws InterruptedException {
        var trial = new Trial();
        trial.hostal.add("web", "running", List.of("tell"), true, true);
        var session = new Session(new FileInputStream(FileDescriptor.in), new Output(new FileOutputStream(FileDescriptor.out)),
                new Output(new FileOutputStream(FileDescriptor.err)), System.getenv(),
                new LinuxTerminal(System.getProperty("hostal.terminals", ""), ""), new JvmSignals(), trial.connector(),
                Clock.systemUTC(), Path.of("/nowhere"), Path.of("/nowhere/hostal"));
        System.exit(new CommandLine(session).run(List.of(words)));
    }
}
