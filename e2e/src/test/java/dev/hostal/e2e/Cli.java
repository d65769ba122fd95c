package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The command line as a user has it: `./hostal` as a process, with a home of its own.
class Cli implements AutoCloseable {
    /// Longer than any single command here may take on a machine that is busy and only emulates.
    static final Duration COMMAND_MAX = Duration.ofMinutes(6);

    private final Path launcher;
    private final Path home;
    /// What waits for the next run is looked at where it is meant, and counted nowhere else.
    private final String ahead;
    /// What makes somebody else of the command that follows.
    private final List<String> become;

    private Cli(Path launcher, Path home) {
        this(launcher, home, "off", List.of());
    }

    private Cli(Path launcher, Path home, String ahead, List<String> become) {
        this.launcher = launcher;
        this.home = home;
        this.ahead = ahead;
        this.become = become;
    }

    /// The same home; a daemon that this one starts keeps a machine waiting for the next run.
    Cli keepingOneAhead() {
        return new Cli(launcher, home, "on", become);
    }

    static Path repository() {
        var here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("hostal"))) {
            here = here.getParent();
        }
        return here;
    }

    /// A command line with an empty home, under a short path as Unix sockets need it.
    static Cli withEmptyHome() throws IOException {
        return new Cli(repository().resolve("hostal"), Files.createTempDirectory(Path.of("/tmp"), "hst"));
    }

    /// One with another home, a file system of its own of that size; images and kernels are those of this one, so far.
    Cli withHomeOfItsOwn(String size) throws IOException, InterruptedException {
        var own = Files.createTempDirectory(Path.of("/tmp"), "hsf");
        host("mount", "-t", "tmpfs", "-o", "size=" + size, "hostal-test", own.toString());
        var cli = new Cli(launcher, own) {
            @Override public void close() throws IOException {
                try {
                    super.close();
                } catch (FileSystemException _) {
                    // The mounted folder itself, which goes below.
                }
                try {
                    host("umount", "--lazy", own.toString());
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                Files.delete(own);
            }
        };
        boolean done = false;
        try {
            for (var folder : List.of("images", "kernels", "agents", "packages")) {
                if (Files.exists(home.resolve(folder))) {
                    host("cp", "--archive", home.resolve(folder).toString(), own.resolve(folder).toString());
                }
            }
            done = true;
        } finally {
            if (!done) cli.close();
        }
        return cli;
    }

    /// Another daemon on the same host, with an empty home; kernels are those of this one, so far.
    Cli beside() throws IOException, InterruptedException {
        return new Cli(launcher, homeBeside());
    }

    private Path homeBeside() throws IOException, InterruptedException {
        var own = Files.createTempDirectory(Path.of("/tmp"), "hsu");
        for (var folder : List.of("kernels", "agents", "packages")) {
            if (Files.exists(home.resolve(folder))) {
                host("cp", "--archive", home.resolve(folder).toString(), own.resolve(folder).toString());
            }
        }
        return own;
    }

    /// The same for the user nobody, with an empty home; kernels are those of this one, so far. A file of the test's own gives
    /// that user numbers of other users, in a mount namespace that ends with the command or the daemon that it starts.
    Cli ofNobody() throws IOException, InterruptedException {
        var own = homeBeside();
        var ids = Files.writeString(own.resolve("ids"), "nobody:1900000000:65536\n");
        host("chown", "-R", "65534:65534", own.toString());
        var seen = Files.createDirectory(own.resolve("seen"));
        return new Cli(launcher, own, "off", List.of("unshare", "--mount", "sh", "-ec", BECOME_NOBODY, "sh", ids.toString(),
                repository().toString(), closedAbove(repository()), seen.toString()));
    }

    /// The user's numbers first; then, where a folder above the repository is closed to the user, the repository alone
    /// in its place.
    private static final String BECOME_NOBODY = """
            for file in /etc/subuid /etc/subgid; do [ -e "$file" ] || : >"$file"; done
            mount --bind "$1" /etc/subuid
            mount --bind "$1" /etc/subgid
            if [ "$3" != / ]; then
                mount --bind "$2" "$4"
                mount -t tmpfs -o mode=755 closed "$3"
                mkdir -p "$2"
                mount --bind "$4" "$2"
            fi
            shift 4
            cd /
            exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$HOSTAL_HOME" USER=nobody "$@"
            """;

    /// The uppermost folder on the way that others may not enter; `/` where there is none.
    private static String closedAbove(Path folder) throws IOException {
        var closed = "/";
        for (var above = folder.getParent(); above != null; above = above.getParent()) {
            if (((int) Files.getAttribute(above, "unix:mode") & 1) == 0) closed = above.toString();
        }
        return closed;
    }

    private static void host(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as("status of %s", List.of(command)).isZero();
    }

    Path home() {
        return home;
    }

    /// How a command ended and what it wrote.
    record Result(List<String> command, int status, String out, String err) {
        Result succeeded() {
            assertThat(status).as("status of %s; it wrote%n%s%n%s", command, out, err).isZero();
            return this;
        }

        Result endedWith(int wanted) {
            assertThat(status).as("status of %s; it wrote%n%s%n%s", command, out, err).isEqualTo(wanted);
            return this;
        }

        JsonObject json() {
            return JsonObject.parse(out);
        }

        List<JsonObject> jsonArray() {
            var objects = new ArrayList<JsonObject>();
            if (Json.parse(out) instanceof Json.Array(var items)) {
                for (var item : items) {
                    if (item instanceof Json.Obj(var object)) objects.add(object);
                }
            }
            return objects;
        }
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return runWithInput("", arguments);
    }

    Result runWithInput(String input, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(launcher.toString());
        command.addAll(Arrays.asList(arguments));
        var process = start(command);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var out = threads.submit(read(process.getInputStream()));
            var err = threads.submit(read(process.getErrorStream()));
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // The command did not read its input: its own business.
            }
            if (!process.waitFor(COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("%s did not end within %s; it wrote%n%s%n%s".formatted(
                        command, COMMAND_MAX, out.get(), err.get()));
            }
            return new Result(List.of(arguments), process.exitValue(), out.get(), err.get());
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /// Starts a command and leaves it to the caller.
    Process start(String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(launcher.toString());
        command.addAll(Arrays.asList(arguments));
        return start(command);
    }

    private Process start(List<String> command) throws IOException {
        var whole = new ArrayList<>(become);
        whole.addAll(command);
        var builder = new ProcessBuilder(whole);
        builder.environment().put("HOSTAL_HOME", home.toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().put("HOSTAL_AHEAD", ahead);
        return builder.start();
    }

    private static Callable<String> read(InputStream stream) {
        return () -> new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    long daemonPid() throws IOException, InterruptedException {
        return run("daemon", "status", "--json").succeeded().json().integer("pid");
    }

    /// Kills the daemon as a crash would.
    void crashDaemon() throws IOException, InterruptedException {
        var pid = daemonPid();
        var handle = ProcessHandle.of(pid).orElseThrow();
        handle.destroyForcibly();
        handle.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /// Folders of containers that run for this home.
    List<String> containers() throws IOException {
        var run = home.resolve("run/c");
        if (!Files.isDirectory(run)) return List.of();
        try (var all = Files.list(run)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    String phaseOf(String name) throws IOException, InterruptedException {
        return run("show", "--json", name).succeeded().json().text("phase");
    }

    List<String> names() throws IOException, InterruptedException {
        return run("list", "--json").succeeded().jsonArray().stream().map(json -> json.text("name")).toList();
    }

    /// Deletes every instance and network, ends the daemon, deletes the home.
    @Override public void close() throws IOException {
        try {
            for (var name : names()) {
                run("delete", "--force", name);
            }
            for (var network : run("network", "list", "-q").out().lines().toList()) {
                run("network", "delete", network);
            }
            run("daemon", "stop");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (var files = Files.walk(home)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
