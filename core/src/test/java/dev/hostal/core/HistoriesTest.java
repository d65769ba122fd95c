package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.Operation.Status;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceName;
import dev.hostal.sim.DaemonKilled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random requests, crashes, failures and kills of the daemon, from a seed: at rest, everything is true.
final class HistoriesTest {
    private static final int HISTORIES = 60;
    private static final int STEPS = 60;
    /// Seeds that ever failed; tried first, for ever.
    private static final Path SEEDS = Path.of("src/test/resources/seeds/histories.txt");

    @Test void anyHistoryEndsInTruth() throws Exception {
        for (long seed : Seeds.of(SEEDS, HISTORIES)) {
            try (var history = new History(seed)) {
                history.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed %d (keep it in %s)".formatted(seed, SEEDS), e);
            }
        }
    }

    private static final class History implements AutoCloseable {
        private final long seed;
        private final Random random;
        private final World world;
        private final List<String> story = new ArrayList<>();
        /// Every operation whose id was handed out, with its verb.
        private final Map<String, Operation> asked = new HashMap<>();
        private final Set<String> deletesAsked = new HashSet<>();

        History(long seed) throws Exception {
            this.seed = seed;
            random = new Random(seed);
            world = new World(seed);
        }

        void run() throws Exception {
            for (int step = 0; step < STEPS; step++) {
                step();
                assertNamesAreUnique();
            }
            var where = "seed %d: %s".formatted(seed, story);
            // The last daemon is spared.
            restart();
            Truth.awaitRest(world, where);
            Truth.check(world, where);
            for (var operation : asked.values()) {
                var ended = world.engine.operations().find(operation.id());
                assertThat(ended).as("%s: %s is known", where, operation).isPresent();
                checkPromise(ended.get(), where);
            }
        }

        private void checkPromise(Operation ended, String where) {
            assertThat(ended.status().isFinal()).as(where).isTrue();
            if (ended.status() != Status.SUCCEEDED) {
                assertThat(ended.problem()).as("%s: %s has a reason", where, ended).isPresent();
                return;
            }
            boolean there = world.engine.list().stream().anyMatch(each -> each.id().value().equals(ended.target()));
            switch (ended.verb()) {
                case "instance.delete" -> assertThat(there).as("%s: %s", where, ended).isFalse();
                case "instance.create" -> assertThat(there || deletesAsked.contains(ended.target()))
                        .as("%s: %s", where, ended).isTrue();
                default -> { /* What it did may have been undone by others since. */ }
            }
        }

        private void step() throws Exception {
            if (world.session.isKilled()) restart();
            try {
                act();
            } catch (Problem problem) {
                story.add("refused " + problem.code());
            } catch (DaemonKilled | IllegalStateException e) {
                if (!world.session.isKilled()) throw e;
                story.add("killed while asking");
            }
            if (random.nextInt(3) == 0) Thread.sleep(random.nextInt(4));
        }

        private void act() throws Exception {
            int dice = random.nextInt(100);
            if (dice < 4) {
                story.add("kill");
                world.kill();
            } else if (dice < 8) {
                int call = random.nextInt(12);
                story.add("kill in %d calls".formatted(call));
                world.session.killedAtCall(world.session.calls().size() + call);
            } else if (dice < 12) {
                int call = random.nextInt(12);
                story.add("fail in %d calls".formatted(call));
                world.session.failingAtCall(world.session.calls().size() + call);
            } else if (dice < 25) {
                create();
            } else {
                pick().ifPresent(this::request);
            }
        }

        private void create() {
            var name = "n" + random.nextInt(5);
            var spec = random.nextInt(4) == 0 ? World.removed(name, "sleep", "1")
                    : World.spec(name, "tiny", random.nextInt(3) == 0 ? "true" : "cat");
            story.add("create " + name + (spec.autoRemove() ? " --rm" : ""));
            var operation = world.engine.create(spec, Pull.MISSING);
            if (spec.autoRemove()) deletesAsked.add(operation.target());
            asked.put(operation.id(), operation);
        }

        private Optional<Instance> pick() {
            var all = world.engine.list();
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
        }

        private void request(Instance instance) {
            var id = instance.id();
            var engine = world.engine;
            int dice = random.nextInt(14);
            story.add("%d of %s (%s)".formatted(dice, instance.name(), instance.phase().word()));
            if (dice >= 10 && dice <= 11) deletesAsked.add(id.value());
            switch (dice) {
                case 0, 1, 2 -> ask(engine.start(id));
                case 3, 4 -> ask(engine.stop(id, Optional.of(Duration.ofMillis(random.nextInt(30)))));
                case 5 -> ask(engine.kill(id, random.nextBoolean() ? "KILL" : "TERM"));
                case 6 -> ask(engine.restart(id, Optional.empty()));
                case 7 -> ask(engine.pause(id));
                case 8 -> ask(engine.resume(id));
                case 9 -> engine.rename(id, new InstanceName("n" + random.nextInt(6)));
                case 10, 11 -> ask(engine.delete(id, random.nextBoolean()));
                case 12 -> world.host.crash(id);
                default -> engine.operations().list().stream().filter(each -> !each.status().isFinal()).findFirst()
                        .ifPresent(each -> engine.operations().cancel(each.id()));
            }
        }

        private void ask(Operation operation) {
            asked.put(operation.id(), operation);
            if (!operation.status().isFinal()) return;
            // What was so already is not worth a line on disk: the answer said it all.
            asked.remove(operation.id());
        }

        private void restart() throws Exception {
            story.add("restart");
            world.kill();
            world.restart();
        }

        private void assertNamesAreUnique() {
            var names = new HashSet<String>();
            for (var instance : world.engine.list()) {
                assertThat(names.add(instance.name().value())).as("seed %d: %s", seed, story).isTrue();
            }
        }

        @Override public void close() {
            world.close();
        }
    }
}
