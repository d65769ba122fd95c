package dev.hostal.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A program that keeps logins elsewhere, such as in a key ring. It reads what is asked from its standard input.
///
/// Source: docker-credential-helpers, "Development": `get`, `store` and `erase`.
final class LoginHelper {
    private static final int OUTPUT_MAX = 64 << 10;
    /// Chosen: a helper may have to ask a key ring.
    private static final long SECONDS_MAX = 20;
    private static final String TOKEN_USER = "<token>";

    private final String program;
    private final String path;

    /// @param name what follows `docker-credential-`
    /// @param path folders to look for it in, parted by colons
    LoginHelper(String name, String path) throws IOException {
        if (!name.matches("[A-Za-z0-9._-]+")) throw new IOException("'%s' names no helper".formatted(name));
        this.program = "docker-credential-" + name;
        this.path = path;
    }

    /// @param key the registry, as docker calls it
    Optional<RegistryLogin> get(String registry, String key) throws IOException, InterruptedException {
        var answer = run("get", key);
        // The protocol has one way to say "none": this sentence, and a status that is not zero.
        if (answer.status != 0 && answer.output.contains("credentials not found")) return Optional.empty();
        require(answer);
        try {
            var json = JsonObject.parse(answer.output);
            var user = json.text("Username");
            return Optional.of(new RegistryLogin(registry, user.equals(TOKEN_USER) ? "" : user, json.text("Secret")));
        } catch (JsonException | IllegalArgumentException e) {
            throw new IOException("%s answered no login".formatted(program), e);
        }
    }

    void store(String key, RegistryLogin login) throws IOException, InterruptedException {
        var user = login.isIdentityToken() ? TOKEN_USER : login.user();
        require(run("store", new JsonObject().put("ServerURL", key).put("Username", user)
                .put("Secret", login.secret()).toText()));
    }

    void erase(String key) throws IOException, InterruptedException {
        var answer = run("erase", key);
        if (!answer.output.contains("credentials not found")) require(answer);
    }

    private record Answer(int status, String output) {}

    private void require(Answer answer) throws IOException {
        if (answer.status == 0) return;
        var text = answer.output.strip().replaceAll("\\p{Cntrl}+", " ");
        throw new IOException("%s ended with %d%s".formatted(program, answer.status,
                text.isEmpty() ? "" : ": " + text.substring(0, Math.min(200, text.length()))));
    }

    private Answer run(String verb, String input) throws IOException, InterruptedException {
        var process = new ProcessBuilder(found().toString(), verb)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var killer = Thread.ofVirtual().start(() -> {
            try {
                if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) process.destroyForcibly();
            } catch (InterruptedException _) {
                process.destroyForcibly();
            }
        });
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(UTF_8));
            } catch (IOException _) {
                // It did not want to know: what it answers tells why.
            }
            var output = new String(process.getInputStream().readNBytes(OUTPUT_MAX), UTF_8);
            return new Answer(process.waitFor(), output);
        } finally {
            killer.interrupt();
            process.destroyForcibly();
        }
    }

    private Path found() throws IOException {
        for (var folder : path.split(":")) {
            var file = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isExecutable(file)) return file.toAbsolutePath();
        }
        throw new IOException("%s, which config.json names, is not installed".formatted(program));
    }
}
