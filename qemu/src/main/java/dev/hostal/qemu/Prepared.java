package dev.hostal.qemu;

import dev.hostal.domain.Domain;
import dev.hostal.domain.DomainSpec;
import dev.hostal.model.CheckpointId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// A QEMU that was started before the checkpoint was made that it is to go on from: it has the file open that becomes the
/// checkpoint's RAM, and its disk inactive, as the target of a migration has it.
///
/// @param spec of its domain
/// @param ramKey of that file, whatever name it gets
/// @param consoleStart length of the console's log before its start
record Prepared(DomainSpec spec, Domain domain, Monitor monitor, Object ramKey, long consoleStart) {
    /// What tells one file from another.
    static Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /// Whether it is what that start would make.
    boolean fits(DomainSpec wanted, Checkpoints checkpoints, CheckpointId checkpoint) throws IOException {
        return spec.equals(wanted) && domain.isAlive() && ramKey.equals(keyOf(checkpoints.place(checkpoint).ram()));
    }
}
