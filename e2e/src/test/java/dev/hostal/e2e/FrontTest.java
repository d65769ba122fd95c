package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The quick way in says and does what the Java command line does.
@Tag("real")
@ExtendWith(OneHome.class)
class FrontTest {
    private record Result(int status, String out, String err) {}

    @Test void theSameCommandsEndTheSameBothWays(Cli cli) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        cli.run("run", "-d", "--name", "box", "tiny", "sleep", "100000").succeeded();
        var commands = List.of(
                List.of("run", "--rm", "tiny", "sh", "-c", "echo out; echo err >&2; exit 7"),
                List.of("run", "--rm", "-i", "tiny", "wc", "-c"),
                List.of("run", "--rm", "tiny", "cat"),
                List.of("run", "--rm", "-e", "A=1 \"2\" \\", "--env", "A=b=c", "-w", "/tmp", "-u", "1000", "tiny", "sh", "-c",
                        "echo \"$A\"; pwd; id -u"),
                List.of("run", "--rm", "-e", "HOME", "tiny", "sh", "-c", "echo \"$HOME\""),
                List.of("run", "--rm", "tiny", "echo", "žluťoučký"),
                List.of("run", "--rm", "tiny", "no-such-program"),
                List.of("run", "--rm", "tiny", "seq", "1", "50000"),
                List.of("run", "--rm", "--name", "box", "tiny", "true"),
                List.of("run", "--rm", "--network", "none", "tiny", "ls", "/sys/class/net"),
                List.of("run", "--rm", "--network=no-such-network", "tiny", "true"),
                List.of("run", "--rm", "--network", "none", "--network", "none", "tiny", "true"),
                List.of("run", "--rm", "--no-such-option", "tiny", "true"),
                List.of("run", "--rm"),
                List.of("run", "--rm", "-e"),
                List.of("exec", "box", "sh", "-c", "echo in; exit 4"),
                List.of("exec", "-i", "box", "wc", "-c"),
                List.of("exec", "-e", "A=b", "-u", "1000", "-w", "/tmp", "box", "sh", "-c", "echo $A; id -u; pwd"),
                List.of("exec", "box", "sh", "-c", "kill -TERM $$"),
                List.of("exec", "box", "no-such-program"),
                List.of("exec", "no-such-instance", "true"),
                List.of("exec", "box"),
                List.of("exec", "--help"));
        for (var command : commands) {
            assertThat(run(cli, "", command)).as(String.join(" ", command)).isEqualTo(run(cli, "no", command));
        }
        assertThat(cli.names()).containsExactly("box");
        cli.run("delete", "--force", "box").succeeded();
    }

    /// Of machines the slow way also says how far they are; the rest is the same.
    @Test void machinesEndTheSameBothWaysAndGoOnFromACheckpoint(Cli cli) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        var before = cli.names();
        for (var front : List.of("", "no")) {
            var warm = run(cli, front, List.of("run", "--rm", "--vm", "tiny", "sh", "-c", "hostname; exit 7"));
            assertThat(warm.status()).as(warm.err()).isEqualTo(7);
            assertThat(warm.out()).isNotBlank();
            assertThat(checkpoints(cli)).hasSize(1);
        }
        var kept = checkpoints(cli).getFirst();
        var cold = run(cli, "", List.of("run", "--rm", "--vm", "--cold", "-i", "tiny", "wc", "-c"));
        assertThat(cold.status()).as(cold.err()).isZero();
        assertThat(cold.out().strip()).isEqualTo(Integer.toString(1000 * "some input\n".length()));
        // What is damaged is of no use, and made again.
        Files.writeString(kept.resolve("devices"), "damaged");
        var again = run(cli, "", List.of("run", "--rm", "--vm", "tiny", "echo", "fine"));
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.out()).isEqualTo("fine\n");
        assertThat(checkpoints(cli)).anyMatch(each -> !each.equals(kept));
        assertThat(cli.names()).isEqualTo(before);
    }

    /// Builds too, but for their times.
    @Test void buildsAreTheSameBothWays(Cli cli) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        var context = Files.createDirectories(cli.home().resolve("front-context/" + "deep/".repeat(3) + "n".repeat(150)));
        var top = cli.home().resolve("front-context");
        Files.writeString(context.resolve("file"), "x".repeat(200_000));
        Files.createSymbolicLink(top.resolve("link"), Path.of("deep"));
        Files.writeString(top.resolve("Dockerfile"), """
                FROM tiny
                ARG A
                COPY . /all
                RUN echo "$A" 'žluť' && ls -lR /all | grep -v Dockerfile > /seen && cat /seen
                """);
        Files.writeString(top.resolve("Dockerfile.bad"), "");
        var failing = Files.createDirectories(cli.home().resolve("front-failing"));
        Files.writeString(failing.resolve("Dockerfile"), "FROM tiny\nRUN echo \"why \\\\ not\" && exit 3\n");
        for (var words : List.of(
                List.of("-t", "front:1", "--network", "none", "--build-arg", "A=b \"c\"", "--label=x=y", top.toString()),
                List.of("-q", "-t", "front:2", "--network=none", top.toString()),
                List.of("--progress", "plain", "--network", "none", failing.toString()),
                List.of("-t", "not a name", top.toString()),
                List.of("--target", "none", top.toString()),
                List.of("--unknown", top.toString()),
                List.of(cli.home().resolve("nowhere").toString()))) {
            var command = new ArrayList<>(List.of("build"));
            command.addAll(words);
            run(cli, "no", command);        // Both find their steps known.
            assertThat(timeless(run(cli, "", command))).as(String.join(" ", command))
            .isEqualTo(timeless(run(cli, "no", command)));
        }
        assertThat(run(cli, "", List.of("run", "--rm", "front:1", "cat", "/seen")).out()).contains("200000").contains("-> deep");
    }

    private static Result timeless(Result result) {
        return new Result(result.status(), result.out(), result.err().replaceAll("(?m)^(#\\d+ (?:DONE )?)\\d+\\.\\d+", "$1"));
    }

    private static List<Path> checkpoints(Cli cli) throws Exception {
        try (var folders = Files.list(cli.home().resolve("checkpoints"))) {
            return folders.sorted().toList();
        }
    }

    private static Result run(Cli cli, String front, List<String> words) throws Exception {
        var argv = new ArrayList<>(List.of(Cli.repository().resolve("hostal").toString()));
        argv.addAll(words);
        var out = Files.createTempFile(cli.home(), "out", "");
        var err = Files.createTempFile(cli.home(), "err", "");
        var builder = new ProcessBuilder(argv).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("HOSTAL_HOME", cli.home().toString());
        builder.environment().put("HOSTAL_FRONT", front);
        var process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write("some input\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
            // It did not want its input.
        }
        assertThat(process.waitFor(Cli.COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
        // On a slow machine the slow way says how far it is.
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err)
                .replaceAll("(?m)^hostal: starting a container\\n", ""));
    }
}
