package dev.hostal.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Logins as `docker login` keeps them. Read anew each time: a login counts at once.
///
/// Source: Docker CLI, `config.json`: `auths`, `credsStore`, `credHelpers`.
public final class DockerLogins {
    private static final String HUB_KEY = "https://index.docker.io/v1/";
    private static final long LENGTH_MAX = 8 << 20;

    private final Path folder;
    private final String path;

    /// @param folder of `config.json`
    /// @param path folders to look for helpers in, parted by colons
    public DockerLogins(Path folder, String path) {
        this.folder = folder;
        this.path = path;
    }

    /// Those of the user with that environment.
    public static DockerLogins of(Map<String, String> env, Path userHome) {
        var given = env.getOrDefault("DOCKER_CONFIG", "");
        return new DockerLogins(given.isEmpty() ? userHome.resolve(".docker") : Path.of(given),
                env.getOrDefault("PATH", ""));
    }

    /// @throws IOException the file or the helper does not work; the message names it
    public Optional<RegistryLogin> find(String registry) throws IOException, InterruptedException {
        if (!Files.isReadable(file())) return Optional.empty();
        try {
            var config = config();
            var key = key(registry);
            var helper = helper(config, key);
            if (helper.isPresent()) {
                var kept = helper.get().get(registry, key);
                if (kept.isPresent()) return kept;
            }
            var auths = config.findObject("auths");
            if (auths.isEmpty()) return Optional.empty();
            for (var candidate : List.of(key, "https://" + key, "https://" + key + "/v2/", "https://" + key + "/v1/")) {
                var entry = auths.get().findObject(candidate);
                if (entry.isPresent()) return read(registry, entry.get());
            }
            return Optional.empty();
        } catch (JsonException e) {
            throw damaged(e);
        }
    }

    /// Keeps a login, in the helper where the file names one.
    ///
    /// @return whether it is in the file, where whoever reads the file can read it
    public boolean store(RegistryLogin login) throws IOException, InterruptedException {
        try {
            var config = Files.exists(file()) ? config() : new JsonObject();
            var key = key(login.registry());
            var auths = config.findObject("auths").orElseGet(JsonObject::new);
            var helper = helper(config, key);
            if (helper.isPresent()) {
                helper.get().store(key, login);
                auths.put(key, new JsonObject());
            } else {
                var pair = Base64.getEncoder().encodeToString((login.user() + ":" + login.secret()).getBytes(UTF_8));
                auths.put(key, login.isIdentityToken() ? new JsonObject().put("identitytoken", login.secret())
                        : new JsonObject().put("auth", pair));
            }
            write(config.put("auths", auths));
            return helper.isEmpty();
        } catch (JsonException e) {
            throw damaged(e);
        }
    }

    /// @return false where there was none
    public boolean erase(String registry) throws IOException, InterruptedException {
        if (!Files.exists(file())) return false;
        try {
            var config = config();
            var key = key(registry);
            var helper = helper(config, key);
            boolean known = find(registry).isPresent();
            if (helper.isPresent()) helper.get().erase(key);
            var auths = config.findObject("auths");
            if (auths.isPresent()) {
                var kept = new JsonObject();
                auths.get().members().forEach((name, value) -> {
                    boolean gone = List.of(key, "https://" + key, "https://" + key + "/v2/",
                            "https://" + key + "/v1/").contains(name);
                    if (!gone) kept.put(name, value);
                });
                write(config.put("auths", kept));
            }
            return known;
        } catch (JsonException e) {
            throw damaged(e);
        }
    }

    private Path file() {
        return folder.resolve("config.json");
    }

    private JsonObject config() throws IOException {
        if (Files.size(file()) > LENGTH_MAX) throw new IOException("%s is too long".formatted(file()));
        return JsonObject.parse(Files.readString(file()));
    }

    private IOException damaged(JsonException e) {
        return new IOException("%s cannot be read: %s".formatted(file(), e.getMessage()), e);
    }

    private static String key(String registry) {
        return registry.equals(ImageReference.DOCKER_HUB) ? HUB_KEY : registry;
    }

    private Optional<LoginHelper> helper(JsonObject config, String key) throws IOException {
        var name = config.findObject("credHelpers").flatMap(helpers -> helpers.findText(key))
                .or(() -> config.findText("credsStore")).filter(text -> !text.isEmpty());
        return name.isEmpty() ? Optional.empty() : Optional.of(new LoginHelper(name.get(), path));
    }

    private static Optional<RegistryLogin> read(String registry, JsonObject entry) throws IOException {
        var identity = entry.findText("identitytoken").filter(text -> !text.isEmpty());
        if (identity.isPresent()) return Optional.of(new RegistryLogin(registry, "", identity.get()));
        var auth = entry.findText("auth").filter(text -> !text.isEmpty());
        if (auth.isPresent()) return Optional.of(decode(registry, auth.get()));
        var user = entry.findText("username");
        var password = entry.findText("password");
        if (user.isEmpty() || password.isEmpty()) return Optional.empty();
        return Optional.of(new RegistryLogin(registry, user.get(), password.get()));
    }

    private static RegistryLogin decode(String registry, String auth) throws IOException {
        try {
            var text = new String(Base64.getDecoder().decode(auth), UTF_8);
            int colon = text.indexOf(':');
            if (colon > 0) return new RegistryLogin(registry, text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException _) {
            // Falls through to the one message.
        }
        throw new IOException("an 'auth' in config.json is not the Base64 of user:password");
    }

    /// In one step, and readable by its owner only.
    private void write(JsonObject config) throws IOException {
        Files.createDirectories(folder);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var temporary = Files.createTempFile(folder, "config.json", "", ownerOnly);
        try {
            Files.writeString(temporary, config.toPrettyText() + "\n");
            Files.move(temporary, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
