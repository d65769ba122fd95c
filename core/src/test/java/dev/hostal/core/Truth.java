package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/// What holds of every node that has come to rest, whatever happened before.
final class Truth {
    private static final Set<String> HALF = Set.of("starting", "stopping", "deleting");

    private static final int LOOKS_MAX = 50;

    private Truth() {}

    /// Waits until nothing is under way.
    static void awaitRest(World world, String where) throws InterruptedException {
        try {
            World.eventually("rest", () -> world.engine.operations().list().stream()
                    .allMatch(each -> each.status().isFinal())
                    && world.engine.list().stream().noneMatch(each -> HALF.contains(each.phase().word()))
                    && agrees(world));
        } catch (AssertionError e) {
            throw new AssertionError("%s: no rest: %s %s on %s, done %s".formatted(where, world.engine.list(),
                    world.engine.operations().list(), world.host.contents(), world.session.calls()), e);
        }
    }

    /// A program may end while we look, without anybody asking: then we look again.
    static void check(World world, String where) throws IOException, InterruptedException {
        for (int look = 1; ; look++) {
            try {
                checkNow(world, where);
                return;
            } catch (AssertionError e) {
                if (look == LOOKS_MAX) throw e;
                Thread.sleep(20);
            }
        }
    }

    private static void checkNow(World world, String where) throws IOException {
        var running = new TreeSet<String>();
        var all = new TreeSet<String>();
        var names = new TreeSet<String>();
        for (var instance : world.engine.list()) {
            all.add(instance.id().brief());
            assertThat(names.add("/names/" + instance.name())).as("%s: names are unique", where).isTrue();
            if (isRunning(instance.phase().word())) running.add(instance.id().brief());
        }
        assertThat(world.host.running()).as("%s: machines and records", where).isEqualTo(running);
        assertThat(world.host.leftovers().keySet()).as("%s: runtime folders", where).isEqualTo(running);
        assertThat(all).as("%s: nothing is there that nobody owns", where).containsAll(world.host.contents().keySet());
        assertThat(world.store.list("/instances/")).as(where).hasSameSizeAs(all);
        assertThat(world.store.list("/names/")).as(where).extracting(each -> each.key())
                .containsExactlyElementsOf(names);
    }

    private static boolean agrees(World world) {
        var running = new TreeSet<String>();
        var all = new TreeSet<String>();
        world.engine.list().forEach(each -> {
            all.add(each.id().brief());
            if (isRunning(each.phase().word())) running.add(each.id().brief());
        });
        return running.equals(world.host.running()) && running.equals(world.host.leftovers().keySet())
                && all.containsAll(world.host.contents().keySet());
    }

    private static boolean isRunning(String phase) {
        return phase.equals("running") || phase.equals("paused");
    }
}
