package dev.hostal.image.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;

/// Tells how many bytes lie in a folder while someone else fills it.
final class FolderGrowth implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(200);

    private final Path folder;
    private final LongConsumer told;
    private final Thread thread;

    FolderGrowth(Path folder, LongConsumer told) {
        this.folder = folder;
        this.told = told;
        this.thread = Thread.ofVirtual().name("growth-" + folder.getFileName()).start(this::watch);
    }

    @Override public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                told.accept(size());
            }
        } catch (InterruptedException closed) {
            return;
        }
    }

    private long size() {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException unreadable) {
            // Only a progress bar depends on it.
            return 0;
        }
    }
}
