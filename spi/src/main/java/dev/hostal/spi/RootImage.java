package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An image made ready for machines: nothing in it is written to, all of it may be shared.
///
/// @param layers squashfs files, lowest first, whiteouts in the form of overlayfs; none where it is a disk
/// @param guestKernel what boots it as a virtual machine; empty where it was made ready for containers only, and where it is a
///     disk, which boots by itself
/// @param disk a qcow2 file with everything, boot loader and kernel included
public record RootImage(String digest, Arch arch, List<Path> layers, Optional<GuestKernel> guestKernel, Optional<Path> disk) {
    public RootImage {
        require(layers.isEmpty() == disk.isPresent(), "an image has at least one layer, or is a disk");
        layers = List.copyOf(layers);
    }

    public RootImage(String digest, Arch arch, List<Path> layers, Optional<GuestKernel> kernel) {
        this(digest, arch, layers, kernel, Optional.empty());
    }

    public RootImage(String digest, Arch arch, List<Path> layers, GuestKernel kernel) {
        this(digest, arch, layers, Optional.of(kernel));
    }

    /// For virtual machines, whose images are always made ready with one.
    public GuestKernel kernel() {
        return guestKernel.orElseThrow(() -> new IllegalStateException("an image made ready for containers was booted"));
    }
}
