package dev.hostal.sim;

import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One daemon's life on a simulated host. Its calls are counted, and one of them can be made to fail, or to be
/// the daemon's last. Any thread may call.
public final class SimSession {
    private final SimHost host;
    private final List<String> calls = new ArrayList<>();
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private final Map<String, DiskId> prepared = new HashMap<>();
    private int failAt = Integer.MAX_VALUE;
    private int failEnd = Integer.MAX_VALUE;
    private int killAt = Integer.MAX_VALUE;
    private String killAtName = "";
    private int happenAt = Integer.MAX_VALUE;
    private Runnable happening = () -> {};
    private boolean failed;
    private boolean killed;

    SimSession(SimHost host) {
        this.host = host;
    }

    public SimDriver driver() {
        return new SimDriver(host, this, Kind.VM);
    }

    /// That of containers. What a former daemon has not finished copying is taken away first.
    public SimDriver containers() {
        host.diskTable().cleanCopies();
        return new SimDriver(host, this, Kind.CONTAINER);
    }

    public SimVolumes volumes() {
        return new SimVolumes(host, this);
    }

    public SimImages images() {
        return new SimImages(host, this);
    }

    /// Machines that wait for their checkpoint: they end with their daemon.
    ///
    /// @param base of its disk, which nobody reads through before it starts
    synchronized void prepare(MachineSpec spec, DiskId base) {
        prepared.put(spec.id().brief(), base);
    }

    synchronized boolean isPrepared(String brief) {
        return prepared.containsKey(brief);
    }

    /// @return the base of the disk that it was to have
    synchronized Optional<DiskId> takePrepared(String brief) {
        return Optional.ofNullable(prepared.remove(brief));
    }

    /// Makes the call of that number, counted from 0, fail.
    public synchronized SimSession failingAtCall(int call) {
        return failingAtCalls(call, 1);
    }

    /// Makes that many calls fail, from the one of that number on.
    public synchronized SimSession failingAtCalls(int first, int count) {
        failAt = first;
        failEnd = first + count;
        return this;
    }

    /// Makes the daemon die just before the call of that number, counted from 0, takes effect.
    public synchronized SimSession killedAtCall(int call) {
        killAt = call;
        return this;
    }

    /// Makes the daemon die just before the next call of that name takes effect.
    public synchronized SimSession killedAt(String name) {
        killAtName = name;
        return this;
    }

    /// Makes something happen on the host just before the call of that number, counted from 0, takes effect.
    public synchronized SimSession happeningAtCall(int call, Runnable what) {
        happenAt = call;
        happening = what;
        return this;
    }

    /// What a call does, unless it fails or the daemon is dead.
    @FunctionalInterface
    public interface Effect<T> {
        T run() throws IOException;
    }

    /// What every call to the host goes through; a store of the same daemon may, too. The daemon dies before the
    /// effect or after it, never in the middle.
    ///
    /// @throws IOException it is this call's turn to fail
    public synchronized <T> T call(String name, Effect<T> effect) throws IOException {
        if (killed) throw new DaemonKilled(name);
        int number = calls.size();
        calls.add(name);
        if (number == happenAt) happening.run();
        if (number >= failAt && number < failEnd) {
            failed = true;
            throw new IOException("simulated failure of call %d, %s".formatted(number, name));
        }
        if (number == killAt || name.equals(killAtName)) {
            kill();
            throw new DaemonKilled(name);
        }
        return effect.run();
    }

    void call(String name) throws IOException {
        call(name, () -> "");
    }

    void call(String name, Runnable effect) throws IOException {
        call(name, () -> {
            effect.run();
            return "";
        });
    }

    /// What is done without being counted, and never by a dead daemon.
    synchronized void unlessKilled(Runnable effect) {
        if (killed) throw new DaemonKilled("a moment between two calls");
        effect.run();
    }

    /// The daemon ends, as by SIGKILL.
    public synchronized void kill() {
        killed = true;
        lost.completeExceptionally(new DaemonKilled("a moment between two calls"));
    }

    public synchronized boolean isKilled() {
        return killed;
    }

    public synchronized boolean hasFailed() {
        return failed;
    }

    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /// Ends when the daemon does: whoever waits for something on the host waits for this, too.
    CompletableFuture<Void> lost() {
        return lost;
    }
}
