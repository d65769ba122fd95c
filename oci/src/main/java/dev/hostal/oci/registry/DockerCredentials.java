package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Credentials as `docker login` keeps them. Read anew each time: a login counts at once.
///
/// Source: Docker CLI, `config.json`: `auths`, `credsStore`, `credHelpers`; docker-credential-helpers, protocol.
final class DockerCredentials {
    private static final String HUB_KEY = "https://index.docker.io/v1/";
    private static final int OUTPUT_MAX = 64 << 10;
    /// Chosen: a helper may have to ask a key ring.
    private static final long HELPER_SECONDS_MAX = 10;

    private final Path folder;

    /// @param folder of `config.json`
    DockerCredentials(Path folder) {
        this.folder = folder;
    }

    /// @throws IOException the file or the helper does not work; the message names it
    Optional<Credential> find(String registry) throws IOException, InterruptedException {
        var file = folder.resolve("config.json");
        if (!Files.isReadable(file)) return Optional.empty();
        var key = registry.equals("docker.io") ? HUB_KEY : registry;
        try {
            var config = JsonObject.parse(Files.readString(file));
            var helper = config.findObject("credHelpers").flatMap(helpers -> helpers.findText(key))
                    .or(() -> config.findText("credsStore"));
            if (helper.isPresent()) return ask(helper.get(), key);
            var auths = config.findObject("auths");
            if (auths.isEmpty()) return Optional.empty();
            for (var candidate : List.of(key, "https://" + key, "https://" + key + "/v2/", "https://" + key + "/v1/")) {
                var entry = auths.get().findObject(candidate);
                if (entry.isPresent()) return read(entry.get());
            }
            return Optional.empty();
        } catch (JsonException e) {
            throw new IOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Optional<Credential> read(JsonObject entry) throws IOException {
        var identity = entry.findText("identitytoken").filter(text -> !text.isEmpty());
        if (identity.isPresent()) return Optional.of(new Credential.IdentityToken(identity.get()));
        var auth = entry.findText("auth").filter(text -> !text.isEmpty());
        if (auth.isPresent()) return Optional.of(decode(auth.get()));
        var user = entry.findText("username");
        var password = entry.findText("password");
        if (user.isEmpty() || password.isEmpty()) return Optional.empty();
        return Optional.of(new Credential.Password(user.get(), password.get()));
    }

    private static Credential decode(String auth) throws IOException {
        try {
            var text = new String(Base64.getDecoder().decode(auth), UTF_8);
            int colon = text.indexOf(':');
            if (colon > 0) return new Credential.Password(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException _) {
            // Falls through to the one message.
        }
        throw new IOException("an 'auth' in config.json is not the Base64 of user:password");
    }

    /// The helper reads the registry's name from its standard input and writes JSON.
    private Optional<Credential> ask(String helper, String key) throws IOException, InterruptedException {
        if (!helper.matches("[A-Za-z0-9._-]+")) throw new IOException("'%s' names no helper".formatted(helper));
        var program = "docker-credential-" + helper;
        var process = new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var killer = Thread.ofVirtual().start(() -> {
            try {
                if (!process.waitFor(HELPER_SECONDS_MAX, TimeUnit.SECONDS)) process.destroyForcibly();
            } catch (InterruptedException _) {
                process.destroyForcibly();
            }
        });
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(key.getBytes(UTF_8));
            } catch (IOException _) {
                // It did not want to know: what it answers tells why.
            }
            var output = new String(process.getInputStream().readNBytes(OUTPUT_MAX), UTF_8);
            int status = process.waitFor();
            // The protocol has one way to say "none": this sentence, and a status that is not zero.
            if (status != 0 && output.contains("credentials not found")) return Optional.empty();
            if (status != 0) throw new IOException("%s ended with %d".formatted(program, status));
            return answer(JsonObject.parse(output));
        } catch (JsonException e) {
            throw new IOException("%s answered no JSON".formatted(program), e);
        } finally {
            killer.interrupt();
            process.destroyForcibly();
        }
    }

    private static Optional<Credential> answer(JsonObject answer) {
        var user = answer.text("Username");
        var secret = answer.text("Secret");
        if (user.equals("<token>")) return Optional.of(new Credential.IdentityToken(secret));
        return Optional.of(new Credential.Password(user, secret));
    }
}
