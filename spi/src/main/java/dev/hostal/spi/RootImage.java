package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import java.nio.file.Path;
import java.util.List;

/// An image made ready for machines: nothing in it is written to, all of it may be shared.
///
/// @param layers squashfs files, lowest first, whiteouts in the form of overlayfs
/// @param kernel what boots it as a virtual machine
public record RootImage(String digest, Arch arch, List<Path> layers, GuestKernel kernel) {
    public RootImage {
        require(!layers.isEmpty(), "an image has at least one layer");
        layers = List.copyOf(layers);
    }
}
