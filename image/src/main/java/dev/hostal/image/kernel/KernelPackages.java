package dev.hostal.image.kernel;

import dev.hostal.model.Arch;
import java.util.List;
import java.util.regex.Pattern;

/// Names of the distribution's kernel packages, the best for a virtual machine first.
/// Source: Debian's linux source package, debian/config.
final class KernelPackages {
    /// From a meta-package to the real one, and where a release splits that, to its parts.
    static final Pattern FOLLOW = Pattern.compile("linux-(?:image|base|binary|modules)-[0-9].*");

    private KernelPackages() {}

    static List<String> of(Arch arch) {
        return switch (arch) {
            case X86_64 -> List.of("linux-image-cloud-amd64", "linux-image-amd64");
            case I386 -> List.of("linux-image-686", "linux-image-686-pae");
            case AARCH64 -> List.of("linux-image-cloud-arm64", "linux-image-arm64");
            case ARMHF -> List.of("linux-image-armmp");
            case RISCV64 -> List.of("linux-image-riscv64");
            case PPC64LE -> List.of("linux-image-powerpc64le");
            case S390X -> List.of("linux-image-s390x");
        };
    }
}
