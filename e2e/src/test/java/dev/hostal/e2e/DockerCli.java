package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The docker command line with the plug-in `compose`, against the daemon's other socket, with a configuration of its own.
final class DockerCli implements AutoCloseable {
    record Result(int status, String out, String err) {}

    private final String host;
    private final Path config;
    private final Map<String, String> environment = new HashMap<>();
    private String program = "docker";

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
        return withPlugin("docker-compose");
    }

    /// A package of Debian's, see e2e/plugin, becomes a plug-in of this configuration.
    DockerCli withPlugin(String name) throws IOException, InterruptedException {
        var fetch = new ProcessBuilder(Cli.repository().resolve("e2e/plugin").toString(), name)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        fetch.getOutputStream().close();
        var plugin = new String(fetch.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(fetch.waitFor()).as("e2e/plugin %s", name).isZero();
        Files.createSymbolicLink(Files.createDirectories(config.resolve("cli-plugins")).resolve(name), Path.of(plugin));
        return this;
    }

    DockerCli with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /// Another one than the machine's first.
    DockerCli as(String otherProgram) {
        program = otherProgram;
        return this;
    }

    boolean isDebians() {
        return !program.equals("docker");
    }

    /// A process of it.
    ProcessBuilder process(Path folder, String... arguments) {
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("DOCKER_HOST", host);
        builder.environment().put("DOCKER_CONFIG", config.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    Result run(Path folder, String input, String... arguments) throws IOException, InterruptedException {
        return run(folder, input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    Result run(Path folder, byte[] input, String... arguments) throws IOException, InterruptedException {
        var out = Files.createTempFile("hst", "out");
        var err = Files.createTempFile("hst", "err");
        var process = process(folder, arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException _) {
            // It did not read its input: its own business.
        }
        try {
            if (!process.waitFor(Cli.COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("docker %s did not end; it wrote%n%s".formatted(List.of(arguments),
                        Files.readString(err)));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    /// In the repository, where the folder does not matter.
    Result run(String input, String... arguments) throws IOException, InterruptedException {
        return run(Cli.repository(), input, arguments);
    }

    String succeeds(String... arguments) throws IOException, InterruptedException {
        return succeeds(Cli.repository(), arguments);
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
