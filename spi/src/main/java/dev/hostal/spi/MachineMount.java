package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.model.DiskId;
import java.nio.file.Path;
import java.util.Optional;

/// Something that a machine sees beside its image, at a place of its own.
///
/// @param target absolute path in the guest
public record MachineMount(Source source, String target, boolean readOnly) {
    /// Where it comes from.
    public sealed interface Source {}

    /// A folder or a file of the host.
    ///
    /// @param below only this part of it, found without leaving the folder; empty for all of it
    /// @param recursive with what is mounted below it
    /// @param propagation of mounts made below it later, such as `rprivate`; empty where nobody said
    /// @param filled an empty one gets what the image has at the target
    /// @param idmap the first number as files have it, the first as the machine sees it, and how many, with blanks; or
    /// [#OWN]
    public record Folder(Path path, String below, boolean recursive, Optional<String> propagation, boolean filled,
            Optional<String> idmap) implements Source {
        /// As the machine's own users are mapped, where it has such.
        public static final String OWN = "own";
    }

    /// Memory, gone with the machine.
    ///
    /// @param mode octal
    /// @param exec programs in it may be run
    public record Memory(Optional<Bytes> size, Optional<String> mode, boolean exec) implements Source {}

    /// A raw disk with a file system.
    ///
    /// @param disk what it is called among the machine's disks
    public record Disk(Path file, DiskId disk) implements Source {}

    /// A disk with a file system, of those that points in time are kept of.
    ///
    /// @param raw it is the volume's own file, over which no other lies yet
    public record Layers(DiskId disk, boolean raw) implements Source {}
}
