package dev.hostal.sim;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What a simulated host has of one instance. Its fields are guarded by its monitor.
final class SimBox {
    private final SimLogs logs = new SimLogs();
    private boolean folder;
    private boolean runFolder;
    private Optional<SimVm> vm = Optional.empty();
    /// What was written without a disk that points in time can be kept of.
    private Optional<Map<String, byte[]>> written = Optional.empty();

    SimLogs logs() {
        return logs;
    }

    synchronized void ensureFolder() {
        folder = true;
    }

    synchronized Map<String, byte[]> ensureWritten() {
        if (written.isEmpty()) written = Optional.of(new ConcurrentHashMap<>());
        return written.get();
    }

    /// What was written belongs to a disk from now on.
    synchronized Optional<Map<String, byte[]>> takeWritten() {
        var taken = written;
        written = Optional.empty();
        return taken;
    }

    synchronized void ensureRunFolder() {
        runFolder = true;
    }

    synchronized void removeRunFolder() {
        runFolder = false;
    }

    synchronized SimVm put(SimVm started) {
        vm = Optional.of(started);
        return started;
    }

    /// The machine, if it runs.
    synchronized Optional<SimVm> vm() {
        return vm.filter(each -> !each.end().isDone());
    }

    synchronized boolean isEmpty() {
        return !folder && !runFolder && vm().isEmpty();
    }

    synchronized boolean isIdle() {
        return !runFolder && vm().isEmpty();
    }

    @Override public synchronized String toString() {
        return (folder ? "disks " : "") + (runFolder ? "runtime-folder " : "") + (vm().isPresent() ? "machine" : "");
    }
}
