package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/// `hostal login`.
public final class LoginCommand implements Command {
    private static final int PASSWORD_LENGTH_MAX = 64 << 10;

    @Override public Usage usage() {
        return Usage.of("login", "tell a registry who you are", """
                        Asks the registry whether it takes the name and the password, and keeps them where docker does: in
                        the program that config.json names as credential helper, else in config.json itself. Pulling,
                        pushing and running send them along. REGISTRY is Docker Hub where none is given.""")
                .options(value('u', "username", "NAME", "The name; asked for where none is given."),
                        value('p', "password", "PASSWORD", "The password. Others may see it in the list of processes."),
                        flag("password-stdin", "Read the password from standard input."))
                .parameters(Parameter.optional("REGISTRY", Parameter.Names.OTHER))
                .example("hostal login -u ann --password-stdin registry.example:5000 <secret", "From a file");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var registry = registry(arguments.findWord("REGISTRY").orElse(ImageReference.DOCKER_HUB));
        if (arguments.has("password") && arguments.has("password-stdin")) {
            throw new UsageError("--password and --password-stdin exclude each other");
        }
        var login = login(arguments, session, registry);
        session.hostal().checkLogin(Logins.wire(login));
        boolean inFile = Logins.of(session).store(login);
        if (arguments.json()) session.print(new JsonObject().put("registry", registry).put("username", login.user()));
        else session.out().line(registry);
        if (inFile) session.say("The password is kept unencrypted in docker's config.json; a credential helper would keep "
                + "it elsewhere.");
        return 0;
    }

    /// The registry's name as references have it.
    static String registry(String text) {
        var host = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        try {
            return ImageReference.parse(host + "/any").registry().equals(host) || host.equals("index.docker.io")
                    ? ImageReference.parse(host + "/any").registry() : fail(text);
        } catch (IllegalArgumentException _) {
            return fail(text);
        }
    }

    private static String fail(String text) {
        throw new UsageError("'%s' is not a registry: a host and an optional port".formatted(text));
    }

    private static RegistryLogin login(Arguments arguments, Session session, String registry) throws IOException {
        boolean piped = arguments.has("password-stdin");
        if (piped && arguments.find("username").isEmpty()) throw new UsageError("--password-stdin needs --username");
        boolean asks = !piped && (arguments.find("username").isEmpty() || arguments.find("password").isEmpty());
        if (asks && !session.terminal().isInput()) {
            throw new UsageError("without a terminal a login needs --username and --password-stdin");
        }
        var in = new BufferedReader(new InputStreamReader(session.in(), StandardCharsets.UTF_8));
        var user = arguments.find("username").isPresent() ? arguments.find("username").get()
                : ask("Username: ", session, in);
        String password;
        if (piped) {
            var bytes = session.in().readNBytes(PASSWORD_LENGTH_MAX + 1);
            password = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\r?\n$", "");
        } else if (arguments.find("password").isPresent()) {
            password = arguments.find("password").get();
        } else {
            password = askQuietly("Password: ", session);
        }
        try {
            return new RegistryLogin(registry, user, password);
        } catch (IllegalArgumentException e) {
            throw new UsageError(e.getMessage());
        }
    }

    private static String ask(String prompt, Session session, BufferedReader in) throws IOException {
        session.err().text(prompt);
        session.err().flush();
        var line = in.readLine();
        if (line == null || line.isBlank()) throw new UsageError("a login needs a name");
        return line.strip();
    }

    /// Key by key, because the terminal shows what it echoes.
    private static String askQuietly(String prompt, Session session) throws IOException {
        session.err().text(prompt);
        session.err().flush();
        var bytes = new ByteArrayOutputStream();
        try (var _ = session.terminal().raw()) {
            for (int key = session.in().read(); key >= 0 && key != '\r' && key != '\n'; key = session.in().read()) {
                if (key == 3 || key == 4) throw new UsageError("no password was given");
                if (key == 127 || key == 8) {
                    var shorter = bytes.toByteArray();
                    bytes.reset();
                    bytes.write(shorter, 0, Math.max(0, shorter.length - 1));
                } else if (bytes.size() < PASSWORD_LENGTH_MAX) {
                    bytes.write(key);
                }
            }
        } finally {
            session.err().text("\n");
            session.err().flush();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
