package dev.hostal.spi;

import java.nio.file.Path;

/// A kernel with the initramfs made for it.
///
/// @param release what `uname -r` prints in the guest
/// @param kernel file for QEMU's `-kernel`
/// @param initramfs file for QEMU's `-initrd`; its init is Hostal's agent
public record GuestKernel(String release, Path kernel, Path initramfs) {}
