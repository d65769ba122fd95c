package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An image made ready for machines: nothing in it is written to, all of it may be shared.
///
/// @param layers squashfs files, lowest first, whiteouts in the form of overlayfs
/// @param guestKernel what boots it as a virtual machine; empty where it was made ready for containers only
public record RootImage(String digest, Arch arch, List<Path> layers, Optional<GuestKernel> guestKernel) {
    public RootImage {
        require(!layers.isEmpty(), "an image has at least one layer");
        layers = List.copyOf(layers);
    }

    public RootImage(String digest, Arch arch, List<Path> layers, GuestKernel kernel) {
        this(digest, arch, layers, Optional.of(kernel));
    }

    /// For virtual machines, whose images are always made ready with one.
    public GuestKernel kernel() {
        return guestKernel.orElseThrow(() -> new IllegalStateException("an image made ready for containers was booted"));
    }
}
