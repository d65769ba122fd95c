package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Pools;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PoolRecord;
import dev.hostal.core.journal.Request;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Pool;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Answers for pools: looks them up, and has them made, used and removed.
public final class PoolDesk implements Pools {
    private final Node node;

    public PoolDesk(Node node) {
        this.node = node;
    }

    @Override public Operation create(InstanceName name, InstanceId source, int ready) {
        if (ready < 1 || ready > Pool.READY_MAX) throw Problem.badMember("ready",
                "In a pool wait 1 to %d forks, not %d.".formatted(Pool.READY_MAX, ready));
        return node.registry().get(source).ask(new Request.MakePool(name, ready));
    }

    @Override public List<Pool> list() {
        return node.points().pools().stream().map(this::view).toList();
    }

    @Override public Pool get(String name) {
        return view(find(name));
    }

    @Override public Instance take(String pool, Optional<InstanceName> name) throws IOException, InterruptedException {
        var record = find(pool);
        var deadline = Deadline.in(node.limits().briefMax());
        return node.reserves().take(node, record, name.orElseGet(() -> freeName(record)), deadline);
    }

    @Override public Operation delete(String pool) {
        var name = find(pool).name();
        var task = node.operations().draft(new Request.DeletePool(name), "pool:" + name);
        node.journal().write(List.of(), List.of(Journal.put(task.record())));
        node.operations().publish(task);
        node.reserves().deleteFor(node, task, name);
        return task.picture();
    }

    private InstanceName freeName(PoolRecord pool) {
        var stem = pool.name().value().substring(0, Math.min(pool.name().value().length(), InstanceName.LENGTH_MAX - 12));
        for (long number = pool.taken() + 1; ; number++) {
            var name = new InstanceName(stem + "-" + number);
            if (!node.registry().isTaken(name)) return name;
        }
    }

    private PoolRecord find(String name) {
        if (!InstanceName.isName(name)) throw new Problem(ErrorCode.POOL_NOT_FOUND,
                "There is no pool of that name.");
        return node.points().pool(new InstanceName(name)).orElseThrow(() -> Reserves.notFound(new InstanceName(name)));
    }

    private Pool view(PoolRecord pool) {
        return new Pool(pool.name(), pool.source(), pool.ready(), node.reserves().waiting(node, pool.name()),
                pool.taken(), pool.createdAt());
    }
}
