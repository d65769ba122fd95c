package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One list of requests is played to Hostal and to Debian's dockerd; the answers are compared member by member. What is
/// known to differ stands in a file that may only shrink: an entry that nothing needs any more fails the test.
@Tag("real")
class DockerOracleTest {
    private static final Pattern REQUEST = Pattern.compile("(\\S+) +(?:(\\w+)=(\\w+) +)?([A-Z]+) +(\\S+)(?: +(.*))?");
    private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)");

    /// Of its own, and empty as dockerd's: what other tests have left would be answers, too.
    private Cli cli;

    @BeforeEach void anEmptyHome() throws IOException {
        cli = Cli.withEmptyHome();
    }

    @AfterEach void nothingIsLeft() throws IOException {
        cli.close();
    }

    /// @param variable is set to a member of the answer; empty where none is
    private record Recorded(String name, String variable, String member, String method, String path, String body) {
        static Recorded parse(String line) {
            var form = REQUEST.matcher(line);
            assertThat(form.matches()).as(line).isTrue();
            return new Recorded(form.group(1), text(form.group(2)), text(form.group(3)), form.group(4), form.group(5),
                    text(form.group(6)));
        }

        private static String text(String group) {
            return group == null ? "" : group;
        }
    }

    @Test void theAnswersAreThoseOfDockerd() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        var hostal = new EngineSocket(Path.of(cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST")
                .substring("unix://".length())));
        var found = new ArrayList<Difference>();
        try (var dockerd = Dockerd.start()) {
            load(dockerd.socket(), hostal);
            var mine = new HashMap<String, String>();
            var theirs = new HashMap<String, String>();
            for (var line : lines("docker-requests.txt")) {
                var recorded = Recorded.parse(line);
                var wanted = play(dockerd.socket(), recorded, theirs);
                found.addAll(Difference.between(recorded.name(), wanted, play(hostal, recorded, mine)));
            }
        }
        compareWithAccepted(found);
    }

    private static void load(EngineSocket dockerd, EngineSocket hostal) throws IOException {
        var archive = hostal.ask("GET", "/images/tiny/get", "").body();
        var answer = dockerd.send("POST /images/load HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/x-tar\r\nContent-Length: %d\r\n\r\n"
                .formatted(archive.length), archive);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static EngineSocket.Answer play(EngineSocket engine, Recorded recorded, Map<String, String> variables)
            throws IOException {
        var answer = engine.ask(recorded.method(), "/v1.41" + fill(recorded.path(), variables), fill(recorded.body(), variables));
        if (!recorded.variable().isEmpty() && answer.isJson() && answer.json() instanceof Json.Obj(JsonObject object)) {
            object.findText(recorded.member()).ifPresent(text -> variables.put(recorded.variable(), text));
        }
        return answer;
    }

    private static String fill(String text, Map<String, String> variables) {
        return VARIABLE.matcher(text).replaceAll(match -> variables.getOrDefault(match.group(1), "unset"));
    }

    private static void compareWithAccepted(List<Difference> found) throws IOException {
        var accepted = lines("docker-differences.txt");
        var needed = new ArrayList<String>();
        var unexpected = new ArrayList<String>();
        for (var difference : found) {
            var entry = accepted.stream().filter(line -> accepts(line, difference)).findFirst();
            entry.ifPresentOrElse(needed::add, () -> unexpected.add(difference.toString()));
        }
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(Path.of("target/docker-differences.found"), String.join("\n", unexpected) + "\n");
        }
        assertThat(unexpected).as("answers that differ from dockerd's").isEmpty();
        assertThat(accepted.stream().filter(line -> !needed.contains(line)))
                .as("accepted differences that nothing needs any more: take them out").isEmpty();
    }

    /// An entry: the request's name or `*`, and the member, with what is below it where it ends in `*`.
    private static boolean accepts(String line, Difference difference) {
        var parts = line.split(" +", 3);
        if (!parts[0].equals("*") && !parts[0].equals(difference.request())) return false;
        return parts[1].endsWith("*") ? difference.member().startsWith(parts[1].substring(0, parts[1].length() - 1))
                : difference.member().equals(parts[1]);
    }

    private static List<String> lines(String resource) throws IOException {
        try (var stream = DockerOracleTest.class.getResourceAsStream(resource)) {
            var text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        }
    }
}
