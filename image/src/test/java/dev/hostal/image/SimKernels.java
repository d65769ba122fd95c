package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Kernels that are only paths.
final class SimKernels implements Kernels {
    final List<String> forgotten = new CopyOnWriteArrayList<>();

    @Override public GuestKernel forArch(Arch arch, Progress progress, Deadline deadline) {
        return new GuestKernel("6.1.0", Path.of("/kernels", arch.word()), Path.of("/initramfs", arch.word()));
    }

    @Override public GuestKernel fromImage(ImageKernel kernel, Progress progress, Deadline deadline) {
        return new GuestKernel(kernel.release(), Path.of("/kernels/own"), Path.of("/initramfs/own"));
    }

    @Override public void ensureAbsent(String imageDigest) {
        forgotten.add(imageDigest);
    }
}
