package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The docker command line with the plug-in `compose`, against the daemon's other socket, with a configuration of its own.
final class DockerCli implements AutoCloseable {
    record Result(int status, String out, String err) {}

    private final String host;
    private final Path config;

    DockerCli(Cli cli) throws IOException, InterruptedException {
        host = cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST");
        config = Files.createTempDirectory("hst");
    }

    String host() {
        return host;
    }

    EngineSocket socket() {
        return new EngineSocket(Path.of(host.substring("unix://".length())));
    }

    /// Debian's docker-compose 2 becomes a plug-in of this configuration.
    DockerCli withCompose() throws IOException, InterruptedException {
        var fetch = new ProcessBuilder(Cli.repository().resolve("e2e/compose").toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        fetch.getOutputStream().close();
        var plugin = new String(fetch.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(fetch.waitFor()).as("e2e/compose").isZero();
        Files.createSymbolicLink(Files.createDirectories(config.resolve("cli-plugins")).resolve("docker-compose"), Path.of(plugin));
        return this;
    }

    Result run(Path folder, String input, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        var out = Files.createTempFile("hst", "out");
        var err = Files.createTempFile("hst", "err");
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("DOCKER_HOST", host);
        builder.environment().put("DOCKER_CONFIG", config.toString());
        var process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // It did not read its input: its own business.
        }
        try {
            if (!process.waitFor(Cli.COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("docker %s did not end; it wrote%n%s".formatted(List.of(arguments), Files.readString(err)));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    String succeeds(Path folder, String... arguments) throws IOException, InterruptedException {
        var result = run(folder, "", arguments);
        assertThat(result.status()).as("docker %s wrote%n%s%n%s", List.of(arguments), result.out(), result.err()).isZero();
        return result.out();
    }

    @Override public void close() throws IOException {
        try (var files = Files.walk(config)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
