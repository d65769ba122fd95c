package dev.hostal.cli;

import dev.hostal.api.Places;
import dev.hostal.cli.terminal.JvmSignals;
import dev.hostal.cli.terminal.LinuxTerminal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// The command line as a process.
public final class Main {
    private Main() {}

    public static void main(String[] words) throws InterruptedException {
        var session = session();
        var given = List.of(words);
        int status = given.equals(List.of("train")) ? Training.run(session) : new CommandLine(session).run(given);
        // Threads that wait for a key or a reply do not keep the process.
        System.exit(status);
    }

    private static Session session() {
        var env = System.getenv();
        boolean root = System.getProperty("user.name").equals("root");
        var places = Places.of(env, root, Path.of(System.getProperty("user.home")));
        var launcher = Path.of(System.getProperty("hostal.launcher", "hostal"));
        return new Session(
                // Unbuffered: keys and bytes are passed on as they come.
                new FileInputStream(FileDescriptor.in),
                new Output(new FileOutputStream(FileDescriptor.out)),
                new Output(new FileOutputStream(FileDescriptor.err)),
                env,
                new LinuxTerminal(System.getProperty("hostal.terminals", ""), System.getProperty("hostal.size", "")),
                new JvmSignals(),
                new LocalDaemon(places, launcher, Build.id()),
                Clock.systemDefaultZone(),
                places.home(),
                launcher);
    }
}
