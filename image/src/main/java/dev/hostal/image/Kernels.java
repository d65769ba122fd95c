package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Kernels for virtual machines, each with the initramfs that holds Hostal's agent. Made once, then found.
public interface Kernels {
    /// The distribution's kernel for guests of that architecture.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING, UNSUPPORTED where there is none for it
    GuestKernel forArch(Arch arch, Progress progress, Deadline deadline) throws IOException, InterruptedException;

    /// The kernel that an image brings: `/boot/vmlinuz-<release>` with `/lib/modules/<release>`.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED where it lacks what Hostal needs
    GuestKernel fromImage(ImageKernel kernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Forgets what was derived from an image that is deleted. May be repeated.
    void ensureAbsent(String imageDigest) throws IOException;

    /// A kernel for a disk that boots by itself, on other hardware than Hostal's machines, too.
    interface DiskKernel {
        /// Names all that it depends on beside the image.
        String key();

        /// @param work a folder for files that nobody needs afterwards
        /// @return the kernel as its distribution installs it
        /// @throws dev.hostal.base.Problem UNSUPPORTED where it lacks what Hostal needs
        GuestKernel ready(Path work, Progress progress, Deadline deadline) throws IOException, InterruptedException;
    }

    /// @param own the image's; empty for the distribution's, which is here then
    default DiskKernel forDisk(Arch arch, Optional<ImageKernel> own, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "There are no kernels for disks here.");
    }

    /// Hostal's agent for that architecture.
    default Path agent(Arch arch, Deadline deadline) throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "There is no agent here.");
    }

    /// Where a kernel lies within an image.
    ///
    /// @param imageDigest of the manifest
    /// @param release of the newest kernel in it, such as `6.1.0-28-amd64`
    /// @param layers squashfs files, lowest first; later ones hide earlier ones, as in overlayfs
    record ImageKernel(String imageDigest, Arch arch, String release, List<Path> layers) {
        public ImageKernel {
            layers = List.copyOf(layers);
        }
    }
}
