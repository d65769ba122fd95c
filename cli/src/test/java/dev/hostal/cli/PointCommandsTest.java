package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.SnapshotV1;
import dev.hostal.json.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the commands for points in time and copies ask of the daemon, and print.
class PointCommandsTest {
    private final Trial trial = new Trial();

    @BeforeEach void begin() {
        trial.hostal.add("web", "running", List.of(), false, false);
        trial.hostal.add("db", "running", List.of(), false, false);
    }

    private void runs(String... words) throws Exception {
        assertThat(trial.run(words)).as(trial.err()).isZero();
    }

    private static SnapshotV1 snapshot(String name, String parent, boolean memory, boolean current) {
        return new SnapshotV1("%024x".formatted(name.hashCode()), name, Optional.of(parent).filter(text -> !text.isEmpty()),
                "about " + name, memory, "2026-11-23T19:00:00Z", 12 << 20, current, false, List.of());
    }

    @Test void commandsPrintWhatWasMade() throws Exception {
        var shown = new StringBuilder();
        for (var line : List.of("snapshot list web", "snapshot create web base --description first",
                "snapshot create web --memory", "snapshot create web all --memory --volumes",
                "snapshot show web all", "snapshot list web", "snapshot show web base",
                "snapshot rename web base start --description first-of-all", "snapshot restore web start --force",
                "snapshot list web", "snapshot schedule web", "snapshot schedule web --every 10m --keep 3 --memory",
                "snapshot schedule web --every 1m --space 20g", "snapshot list web", "snapshot schedule web --off",
                "rewind web 5m", "snapshot delete web 20261123-200500 nothing", "snapshot list -q web",
                "suspend web", "list", "clone web copy", "clone web/start --linked --same-identity --start copy2",
                "flatten copy2", "fork db", "fork --count 2 web", "fork --group web db",
                "pool create workers --from web --ready 3", "pool list", "pool show workers",
                "pool take workers --name job", "pool delete workers", "pool show workers")) {
            trial.run(line.split(" "));
            shown.append("$ hostal ").append(line).append('\n').append(trial.out()).append(trial.err()).append('\n');
        }
        Golden.check("src/test/golden/points.txt", shown.toString());
    }

    @Test void theTreeIsDrawn() throws Exception {
        trial.hostal.points.snapshots.addAll(List.of(snapshot("base", "", false, false), snapshot("left", "base", true, true),
                snapshot("leaf", "left", false, false), snapshot("right", "base", false, false),
                snapshot("alone", "", false, false)));
        runs("snapshot", "list", "web");
        Golden.check("src/test/golden/tree.txt", trial.out());
    }

    @Test void linkedClonesAreDeletedBeforeWhatTheyLieOver() throws Exception {
        runs("clone", "db", "copy");
        runs("clone", "copy", "copy2");
        trial.hostal.overlay("copy", "db");
        trial.hostal.overlay("copy2", "copy");
        runs("delete", "--force", "db", "copy", "copy2");
        assertThat(trial.out()).isEqualTo("copy2\ncopy\ndb\n");
        runs("clone", "web", "copy");
        trial.hostal.overlay("copy", "web");
        assertThat(trial.run("delete", "--force", "web", "nothing")).isEqualTo(Command.FAILED);
        assertThat(trial.err()).contains("is in use", "nothing");
        assertThat(trial.run("show", "copy")).isEqualTo(0);
        assertThat(trial.out()).containsPattern("Lies over +web\n");
    }

    @Test void everythingHasJson() throws Exception {
        for (var line : List.of("snapshot create web a", "snapshot show web a", "snapshot list web", "snapshot restore web a",
                "snapshot rename web a b", "snapshot schedule web --every 1h", "rewind web 1m", "snapshot delete web b",
                "suspend web", "clone db copy", "flatten copy", "fork db", "pool create p --from db", "pool list",
                "pool show p", "pool take p", "pool delete p")) {
            runs(("--json " + line).split(" "));
            assertThat(Json.parse(trial.out())).as(line).isNotNull();
        }
    }

    @Test void whatCannotBeMeantIsRefused() throws Exception {
        for (var line : List.of("snapshot create", "snapshot restore web", "rewind web soon", "rewind web",
                "snapshot schedule web --every 0", "snapshot schedule web --keep 3", "snapshot schedule web --space 1g",
                "snapshot schedule web --every 1m --space much", "snapshot schedule web --off --every 5m",
                "clone web/a copy --snapshot b", "fork", "fork --count 0 web", "fork --name x web db", "pool create p",
                "pool create p --from web --ready 1000")) {
            assertThat(trial.run(line.split(" "))).as(line).isEqualTo(Command.MISUSED);
        }
        assertThat(trial.run("snapshot", "show", "web", "nothing")).isEqualTo(Command.FAILED);
        assertThat(trial.run("pool", "take", "nothing")).isEqualTo(Command.FAILED);
    }

    @Test void requestsSayWhatWasAsked() throws Exception {
        runs("clone", "web", "--snapshot", "a", "--linked", "copy");
        assertThat(trial.hostal.calls).contains(
                "clone web {\"name\":\"copy\",\"snapshot\":\"a\",\"linked\":true,\"sameIdentity\":false}");
        runs("fork", "--group", "--count", "2", "--name", "x", "web", "db");
        assertThat(trial.hostal.calls).contains(
                "fork {\"instances\":[\"web\",\"db\"],\"count\":1,\"name\":\"x1\",\"sameIdentity\":false}",
                "fork {\"instances\":[\"web\",\"db\"],\"count\":1,\"name\":\"x2\",\"sameIdentity\":false}");
        runs("run", "-d", "--vm", "--cold", "tiny");
        assertThat(trial.hostal.calls).contains("start calm-otter {cold=true}");
    }

    @Test void snapshotsAndPoolsAreCompleted() throws Exception {
        runs("snapshot", "create", "web", "base");
        runs("pool", "create", "workers", "--from", "web");
        runs("complete-words", "--", "snapshot", "restore", "web", "");
        assertThat(trial.out()).isEqualTo("base\n");
        runs("complete-words", "--", "pool", "take", "");
        assertThat(trial.out()).isEqualTo("workers\n");
        runs("complete-words", "--", "snapshot", "re");
        assertThat(trial.out()).isEqualTo("restore\nrename\n");
    }
}
