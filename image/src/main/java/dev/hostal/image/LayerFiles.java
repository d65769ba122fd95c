package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonException;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandFailed;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.oci.Digest;
import dev.hostal.oci.layer.LayerFacts;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.LayerRewriter;
import dev.hostal.oci.layer.Survey;
import dev.hostal.oci.layout.DurableFiles;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// One squashfs file for each layer, named by the layer's diff id, with its facts beside it. Compressed with
/// lz4, which costs a tenth of the time of zstd; see docs/decisions/41-layers-as-squashfs.md.
final class LayerFiles {
    private static final String PROGRAM = "tar2sqfs";

    /// Chosen: less than the program writes at once.
    private static final long FULL_BELOW = 1 << 20;

    private final Path folder;
    private final Processes processes;
    private final Packages packages;
    private final LayerLimits limits;

    LayerFiles(Path folder, Processes processes, Packages packages, LayerLimits limits) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.processes = processes;
        this.packages = packages;
        this.limits = limits;
    }

    LayerLimits limits() {
        return limits;
    }

    /// A layer ready to be stacked.
    record LayerFile(Path squashfs, LayerFacts facts) {}

    Optional<LayerFile> find(Digest diffId) throws IOException {
        var squashfs = squashfsFile(diffId);
        var facts = factsFile(diffId);
        if (!Files.exists(squashfs) || !Files.exists(facts)) return Optional.empty();
        try {
            return Optional.of(new LayerFile(squashfs, LayerFacts.parse(Files.readString(facts))));
        } catch (JsonException e) {
            return Optional.empty();       // Of another version, or damaged: it is made again.
        }
    }

    /// A layer's file under way. Closing it without [#keep] leaves nothing behind.
    final class Draft implements AutoCloseable {
        private final Path temporary;
        private final LayerFacts facts;

        private Draft(Path temporary, LayerFacts facts) {
            this.temporary = temporary;
            this.facts = facts;
        }

        LayerFacts facts() {
            return facts;
        }

        /// Makes it appear. The facts come last: a layer without facts is not there.
        void keep(Digest diffId) throws IOException {
            var sibling = temporary.resolveSibling(temporary.getFileName() + ".json");
            DurableFiles.moveIntoPlace(temporary, squashfsFile(diffId));
            DurableFiles.write(factsFile(diffId), facts.toText().getBytes(StandardCharsets.UTF_8), sibling);
        }

        @Override public void close() throws IOException {
            Files.deleteIfExists(temporary);
        }
    }

    /// Afterwards the program that makes the files is installed.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING
    void ensureProgram(Progress progress, Deadline deadline) throws IOException, InterruptedException {
        packages.ensurePrograms(List.of(PROGRAM), progress::report, deadline);
    }

    /// Makes the file of one layer; its tar is read up to its end mark.
    ///
    /// @throws dev.hostal.oci.layer.RepeatedEntryException the layer has to be surveyed first
    /// @throws dev.hostal.oci.layer.BadLayerException the layer is damaged or hostile
    Draft make(InputStream tar, Survey survey, Path temporary, Deadline deadline)
            throws IOException, InterruptedException {
        var facts = new AtomicReference<Optional<LayerFacts>>(Optional.empty());
        // Options: -s fails on what cannot be read, -f and -q are for programs.
        var command = Command.of(PROGRAM, "-s", "-f", "-q", "-c", "lz4", "-j", jobs(), temporary.toString())
                .withStdin(out -> facts.set(Optional.of(new LayerRewriter(limits, survey).rewrite(tar, out))));
        boolean made = false;
        try {
            var exit = processes.run(command, deadline);
            exit.orThrow("making a layer's file system");
            // A program that takes no more input is no failure of its input: its exit status has told.
            var whole = facts.get().orElseThrow(() -> new IOException(PROGRAM + " ended before the layer did"));
            made = true;
            return new Draft(temporary, whole);
        } catch (CommandFailed e) {
            throw explained(e, temporary);
        } finally {
            if (!made) Files.deleteIfExists(temporary);
        }
    }

    List<Digest> list() throws IOException {
        var digests = new ArrayList<Digest>();
        try (var files = Files.newDirectoryStream(folder, "*.sqfs")) {
            for (var file : files) {
                var name = file.getFileName().toString().replace(".sqfs", "");
                if (name.matches("[0-9a-f]{64}")) digests.add(new Digest("sha256:" + name));
            }
        }
        return digests;
    }

    /// @return how many bytes that freed
    long ensureAbsent(Digest diffId) throws IOException {
        Files.deleteIfExists(factsFile(diffId));
        var file = squashfsFile(diffId);
        long size = Files.exists(file) ? Files.size(file) : 0;
        Files.deleteIfExists(file);
        return size;
    }

    /// The program says "I/O error" for everything that a write can fail with.
    private static IOException explained(CommandFailed failure, Path file) throws IOException {
        boolean full = Files.getFileStore(file.getParent()).getUsableSpace() < FULL_BELOW;
        return full ? new FileSystemException(file.toString(), null, Failures.FULL + ", " + failure.getMessage())
                : failure;
    }

    private static String jobs() {
        return Integer.toString(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4));
    }

    private Path squashfsFile(Digest diffId) {
        return folder.resolve(diffId.hex() + ".sqfs");
    }

    private Path factsFile(Digest diffId) {
        return folder.resolve(diffId.hex() + ".json");
    }
}
