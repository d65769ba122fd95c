package dev.hostal.domain;

import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A domain known by its first process; what counts its use differs.
record RunningDomain(String name, ProcessId process, ProcessTable table, Counter counter) implements Domain {
    @FunctionalInterface
    interface Counter {
        DomainStats read() throws IOException;
    }

    @Override public long pid() {
        return process.pid();
    }

    @Override public boolean isAlive() {
        try {
            return table.isAlive(process);
        } catch (IOException e) {
            throw new UncheckedIOException("reading /proc", e);
        }
    }

    @Override public void kill() throws IOException {
        table.kill(process);
    }

    @Override public void waitForEnd() throws InterruptedException {
        try {
            table.waitForEnd(process);
        } catch (IOException e) {
            throw new UncheckedIOException("waiting for process " + process, e);
        }
    }

    @Override public DomainStats stats() throws IOException {
        return counter.read();
    }
}
