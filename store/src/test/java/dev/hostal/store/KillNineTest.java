package dev.hostal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Outcome;
import dev.hostal.store.Store.Write;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that writes and tells what was acknowledged is killed at random moments: all of it is there.
final class KillNineTest {
    private static final int KILLS = 8;

    @TempDir Path folder;

    /// The child: four threads, each counting up a key of its own and a copy of it in the same transaction.
    static final class Writer {
        public static void main(String[] args) throws Exception {
            var store = SqliteStore.open(Path.of(args[0]));
            for (int i = 0; i < 4; i++) {
                var key = "/k" + i;
                Thread.ofPlatform().start(() -> countUp(store, key));
            }
        }

        private static void countUp(Store store, String key) {
            try {
                while (true) {
                    var now = store.get(key);
                    int next = now.map(entry -> Integer.parseInt(entry.value())).orElse(0) + 1;
                    Compare compare = now.isEmpty() ? new Compare.Absent(key)
                            : new Compare.Unchanged(key, now.get().modRevision());
                    var outcome = store.commit(List.of(compare),
                            List.of(new Write.Put(key, "" + next), new Write.Put("/copy" + key, "" + next)));
                    if (!(outcome instanceof Outcome.Committed)) throw new IllegalStateException("" + outcome);
                    System.out.println(key + "=" + next);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test void whatWasAcknowledgedIsThere() throws Exception {
        var path = folder.resolve("store.db");
        var random = new Random(20261101);
        var temporary = Files.createDirectory(folder.resolve("tmp"));
        Map<String, Integer> acknowledged = new HashMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            int before = acknowledged.values().stream().mapToInt(Integer::intValue).sum();
            writeAndKill(path, temporary, 1 + random.nextInt(200), random.nextInt(30), acknowledged);
            assertThat(acknowledged.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(before);
            try (var store = SqliteStore.open(path)) {
                for (var key : acknowledged.keySet()) {
                    int kept = Integer.parseInt(store.get(key).orElseThrow().value());
                    assertThat(kept).as("kill %d, %s", kill, key).isGreaterThanOrEqualTo(acknowledged.get(key));
                    assertThat(store.get("/copy" + key).orElseThrow().value()).isEqualTo("" + kept);
                }
                assertThat(store.list("/k").stream().mapToLong(e -> Long.parseLong(e.value())).sum())
                        .as("one revision for each transaction").isEqualTo(store.revision());
            }
        }
        try (var left = Files.list(temporary)) {
            assertThat(left).as("what the killed left in the temporary folder").isEmpty();
        }
    }

    private static void writeAndKill(Path path, Path temporary, int lines, int millis,
            Map<String, Integer> acknowledged) throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var child = new ProcessBuilder(java, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xshare:auto",
                "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary, "-cp",
                System.getProperty("java.class.path"), Writer.class.getName(), path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var output = new BufferedReader(child.inputReader())) {
            for (int i = 0; i < lines; i++) {
                note(output.readLine(), acknowledged);
            }
            Thread.sleep(millis);
            // By its handle: Process.destroyForcibly would throw away the output that is not yet read.
            child.toHandle().destroyForcibly();
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                note(line, acknowledged);
            }
        } finally {
            child.destroyForcibly();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void note(String line, Map<String, Integer> acknowledged) {
        assertThat(line).as("the child ended too early").isNotNull();
        int equals = line.indexOf('=');
        // The last line may be cut off in the middle by the kill: it was then not acknowledged.
        if (equals > 0 && equals + 1 < line.length()) {
            acknowledged.merge(line.substring(0, equals), Integer.parseInt(line.substring(equals + 1)), Math::max);
        }
    }
}
