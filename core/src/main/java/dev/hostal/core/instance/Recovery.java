package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Limits;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineDriver;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The only start-up there is: the journal says what was meant, the drivers say what is. Each instance's owner
/// goes on by itself; what nobody owns is removed.
public final class Recovery {
    private final Node node;
    private final Registry registry;
    private final Creation creation;
    private final Consumer<Task> pulls;
    private final List<Thread> threads = new ArrayList<>();

    /// @param pulls goes on with a pull of an image
    public Recovery(Node node, Registry registry, Creation creation, Consumer<Task> pulls) {
        this.node = node;
        this.registry = registry;
        this.creation = creation;
        this.pulls = pulls;
    }

    /// @throws IOException a record cannot be read; nothing was changed
    public void run() throws IOException {
        var instances = node.journal().instances();
        var known = known();
        node.points().load(node.journal());
        var loaded = node.operations().load(node.journal());
        loaded.forEach(task -> Offspring.namesOf(task.request()).forEach(registry::reserve));
        var underWay = byTarget(loaded);
        var owners = new ArrayList<InstanceOwner>();
        for (var kept : instances) {
            var record = kept.record();
            registry.reserve(record.spec().name(), record.id());
            var tasks = Optional.ofNullable(underWay.remove(record.id().value())).orElse(List.of());
            var owner = new InstanceOwner(node, kept, knows(known, record.id().brief()), tasks, registry::remove);
            registry.add(owner);
            owners.add(owner);
        }
        // One may look for others, such as the forks that were made of it.
        owners.forEach(InstanceOwner::begin);
        underWay.values().forEach(tasks -> tasks.forEach(this::goOn));
        removeNames();
        var owned = registry.briefIds();
        known.forEach((driver, ids) -> ids.stream().filter(id -> !owned.contains(id))
                .forEach(id -> background("remove-" + id, () -> removeOrphan(driver, id))));
        node.tidying().ifPresent(this::tidy);
        node.reserves().begin(node);
        new Scheduling(node).begin();
        background("addresses", this::refreshAddresses);
    }

    public void close() {
        threads.forEach(Thread::interrupt);
    }

    /// A driver that cannot say what it knows now has nothing removed; the next start asks again.
    private Map<MachineDriver, Set<String>> known() {
        var known = new HashMap<MachineDriver, Set<String>>();
        for (var driver : node.drivers().values()) {
            try {
                known.put(driver, Set.copyOf(driver.known()));
            } catch (IOException | Problem e) {
                node.log().warn("driver.silent", "kind", driver.kind().word(), "because", e);
            }
        }
        return known;
    }

    private static boolean knows(Map<MachineDriver, Set<String>> known, String briefId) {
        return known.values().stream().anyMatch(ids -> ids.contains(briefId));
    }

    private static Map<String, List<Task>> byTarget(List<Task> tasks) {
        var byTarget = new HashMap<String, List<Task>>();
        tasks.forEach(task -> byTarget.computeIfAbsent(task.record().target(), _ -> new ArrayList<>()).add(task));
        return byTarget;
    }

    private void goOn(Task task) {
        switch (task.request()) {
            case Request.Create(var spec, _) -> {
                registry.reserve(spec.name(), new InstanceId(task.record().target()));
                creation.goOn(task);
            }
            case Request.PullImage _, Request.PushImage _ -> pulls.accept(task);
            case Request.OfVolume _ -> node.volumes().goOn(task);
            case Request.ForkGroup _ -> new Groups(node).goOn(task);
            case Request.DeletePool(var name) -> node.reserves().deleteFor(node, task, name);
            case Request.OfInstance request -> {
                var ending = node.operations().fail(task, new Problem(ErrorCode.INSTANCE_NOT_FOUND,
                        "The daemon was restarted before the %s, and the instance is gone.".formatted(request.word())));
                node.journal().write(List.of(), ending.writes());
                node.operations().end(ending);
            }
        }
    }

    /// Names that belong to no instance, nor to one that is being created.
    private void removeNames() throws IOException {
        var writes = new ArrayList<Write>();
        node.journal().names().forEach((name, id) -> {
            if (!registry.holds(name, id)) writes.add(Journal.delete(name));
        });
        for (var write : writes) {
            node.journal().write(List.of(), List.of(write));
        }
    }

    private void removeOrphan(MachineDriver driver, String briefId) throws InterruptedException {
        for (int attempt = 1; attempt <= Limits.TRIES_MAX; attempt++) {
            try {
                driver.ensureAbsent(briefId);
                node.log().info("machine.removed", "machine", briefId, "because", "no instance owns it");
                return;
            } catch (IOException | Problem e) {
                node.log().warn("machine.leftover", "machine", briefId, "because", e);
                Thread.sleep(node.limits().retryPause().multipliedBy(attempt));
            }
        }
    }

    /// Only from here on nothing is on the host that a record is about to need.
    private void tidy(Tidying tidying) {
        background("tidy", () -> {
            try {
                tidying.compare();
            } catch (IOException | Problem e) {
                node.log().warn("disk.compare", "because", e);
            }
            tidying.ask();
            tidying.run();
        });
    }

    private void refreshAddresses() throws InterruptedException {
        while (true) {
            Thread.sleep(node.limits().addressesEvery());
            // One at a time would let one deaf guest hold up the others.
            var asked = new HashSet<Thread>();
            for (var owner : registry.owners()) {
                asked.add(start("addresses-" + owner.id().brief(), owner::refreshAddresses));
            }
            for (var thread : asked) {
                thread.join();
            }
        }
    }

    @FunctionalInterface
    private interface Chore {
        void run() throws InterruptedException;
    }

    private void background(String name, Chore chore) {
        threads.add(start(name, chore));
    }

    private Thread start(String name, Chore chore) {
        return Thread.ofVirtual().name(name).start(() -> {
            try {
                chore.run();
            } catch (InterruptedException _) {
                // The daemon ends; the next one does it.
            } catch (Throwable bug) {
                node.log().error("recovery.bug", bug, "thread", name);
            }
        });
    }
}
