package dev.hostal.linux;

import static dev.hostal.base.Check.require;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A program to be run and waited for, see [Processes#run]. Each `with` method returns a changed copy.
///
/// @param env set beside the environment of this process; `LC_ALL=C` unless it says otherwise
/// @param line told each line of standard error as it comes, and of standard output where that is text
public record Command(
        List<String> argv,
        Map<String, String> env,
        Optional<Path> workdir,
        Stdin stdin,
        Stdout stdout,
        Consumer<String> line) {
    /// Bytes kept of standard output unless the command says otherwise. Chosen.
    public static final int STDOUT_MAX = 4 << 20;
    /// Bytes kept of the end of standard error. Chosen: enough for a reason, too little for a log.
    public static final int STDERR_MAX = 16 << 10;

    /// Where a program's standard input comes from.
    public sealed interface Stdin {
        /// At its end at once.
        record Empty() implements Stdin {}

        /// Written by a thread of its own while the program runs; closed afterwards. When it throws, the
        /// program is killed and the exception is the caller's.
        record From(Writer writer) implements Stdin {}
    }

    /// Where a program's standard output goes.
    public sealed interface Stdout {
        /// Into [Exit#stdout].
        ///
        /// @param bytesMax a program that writes more is killed, and the run fails
        record Text(int bytesMax) implements Stdout {}

        /// Appended to a file, and standard error with it: no pipe leads from the program to this process.
        record Appended(Path file) implements Stdout {}

        /// To a reader, run by a thread of its own while the program runs; what it leaves unread is
        /// discarded. When it throws, the program is killed and the exception is the caller's.
        record To(Reader reader) implements Stdout {}
    }

    /// Writes a program's standard input.
    @FunctionalInterface
    public interface Writer {
        void writeTo(OutputStream stdin) throws IOException, InterruptedException;
    }

    /// Reads a program's standard output.
    @FunctionalInterface
    public interface Reader {
        void readFrom(InputStream stdout) throws IOException, InterruptedException;
    }

    public Command {
        require(!argv.isEmpty(), "a command has a program");
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }

    public static Command of(List<String> argv) {
        return new Command(argv, Map.of(), Optional.empty(), new Stdin.Empty(), new Stdout.Text(STDOUT_MAX), _ -> {});
    }

    public static Command of(String... argv) {
        return of(List.of(argv));
    }

    public Command withEnv(String name, String value) {
        var more = new TreeMap<>(env);
        more.put(name, value);
        return new Command(argv, more, workdir, stdin, stdout, line);
    }

    /// The same in a network namespace. Source: nsenter(1).
    ///
    /// @param namespace file that stands for it
    public Command inNetwork(Path namespace) {
        var more = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "--"));
        more.addAll(argv);
        return new Command(more, env, workdir, stdin, stdout, line);
    }

    public Command withWorkdir(Path folder) {
        return new Command(argv, env, Optional.of(folder), stdin, stdout, line);
    }

    public Command withStdin(byte[] bytes) {
        return withStdin(out -> out.write(bytes));
    }

    public Command withStdin(Writer writer) {
        return new Command(argv, env, workdir, new Stdin.From(writer), stdout, line);
    }

    public Command withStdout(Stdout target) {
        return new Command(argv, env, workdir, stdin, target, line);
    }

    public Command withStdoutTo(Reader reader) {
        return withStdout(new Stdout.To(reader));
    }

    public Command withLines(Consumer<String> consumer) {
        return new Command(argv, env, workdir, stdin, stdout, consumer);
    }
}
