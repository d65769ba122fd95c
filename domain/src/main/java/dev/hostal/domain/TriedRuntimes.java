package dev.hostal.domain;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Chooses the first OCI runtime that can start a domain here, found by starting one. A success is kept for as long as
/// the host is up and the program's file is the same; a failure is not kept, for it may have been the moment.
final class TriedRuntimes implements OciRuntimes {
    private static final List<String> NAMES = List.of("runc", "crun");
    /// How long one trial may take. Chosen: it takes 0.1 s on an idle host.
    private static final Duration TRIAL_MAX = Duration.ofSeconds(20);

    /// Starts a domain with a runtime, looks at it, and removes it.
    @FunctionalInterface
    interface Trial {
        void run(Path runtime, Deadline deadline) throws IOException, InterruptedException;
    }

    private final Packages packages;
    private final Path verdictFile;
    private final String bootId;
    private final Trial trial;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    TriedRuntimes(Packages packages, Path verdictFile, String bootId, Trial trial) {
        this.packages = packages;
        this.verdictFile = verdictFile;
        this.bootId = bootId;
        this.trial = trial;
    }

    @Override public Path working(Deadline deadline) throws IOException, InterruptedException {
        oneAtATime.lockInterruptibly();
        try {
            var kept = kept();
            if (kept.isPresent()) return kept.get();
            if (!isInstalled() && packages.obstacle().isEmpty()) {
                packages.ensurePrograms(List.of(NAMES.getFirst()), InstallProgress.NONE, deadline);
            }
            return choose(deadline);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override public boolean isInstalled() {
        return NAMES.stream().anyMatch(name -> packages.findProgram(name).isPresent());
    }

    private Path choose(Deadline deadline) throws IOException, InterruptedException {
        var reasons = new ArrayList<String>();
        for (var name : NAMES) {
            var program = packages.findProgram(name);
            if (program.isEmpty()) {
                reasons.add(name + " is not installed");
                continue;
            }
            try {
                trial.run(program.get(), deadline.orIn(TRIAL_MAX));
                keep(program.get());
                return program.get();
            } catch (IOException e) {
                reasons.add("%s does not work here (%s)".formatted(program.get(), e.getMessage()));
            }
        }
        throw new Problem(ErrorCode.ENGINE_MISSING, """
                No OCI runtime can start a domain on this host: %s.
                Maybe install the package runc, or start the daemon as a user other than root."""
                .formatted(String.join("; ", reasons)));
    }

    private Optional<Path> kept() throws IOException {
        if (!Files.exists(verdictFile)) return Optional.empty();
        try {
            var verdict = JsonObject.parse(Files.readString(verdictFile));
            var program = Path.of(verdict.text("program"));
            boolean same = Files.exists(program) && verdict.toText().equals(verdict(program).toText());
            return same ? Optional.of(program) : Optional.empty();
        } catch (JsonException _) {
            return Optional.empty();     // Written by another version: try again.
        }
    }

    private void keep(Path program) throws IOException {
        Files.createDirectories(verdictFile.getParent());
        JsonFile.write(verdictFile, verdict(program));
    }

    /// Everything that the verdict depends on.
    private JsonObject verdict(Path program) throws IOException {
        return new JsonObject()
                .put("program", program.toString())
                .put("size", Files.size(program))
                .put("modified", Files.getLastModifiedTime(program).toMillis())
                .put("bootId", bootId);
    }
}
