package dev.hostal.sim;

import java.util.Optional;

/// What a simulated host has of one instance. Its fields are guarded by its monitor.
final class SimBox {
    private final SimLogs logs = new SimLogs();
    private boolean folder;
    private boolean runFolder;
    private Optional<SimVm> vm = Optional.empty();

    SimLogs logs() {
        return logs;
    }

    synchronized void ensureFolder() {
        folder = true;
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
