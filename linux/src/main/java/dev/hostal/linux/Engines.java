package dev.hostal.linux;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The programs that do the work, and the Debian packages that have them.
public final class Engines {
    /// Package names of Debian 12; where a later release has split a package, the newer name follows.
    private static final Map<String, List<String>> PACKAGES = Map.ofEntries(
            entry("qemu-system-x86_64", List.of("qemu-system-x86")),
            entry("qemu-system-i386", List.of("qemu-system-x86")),
            entry("qemu-system-aarch64", List.of("qemu-system-arm")),
            entry("qemu-system-arm", List.of("qemu-system-arm")),
            entry("qemu-system-riscv64", List.of("qemu-system-riscv", "qemu-system-misc")),
            entry("qemu-system-s390x", List.of("qemu-system-s390x", "qemu-system-misc")),
            entry("qemu-system-ppc64", List.of("qemu-system-ppc")),
            entry("qemu-img", List.of("qemu-utils")),
            entry("runc", List.of("runc")),
            entry("crun", List.of("crun")),
            entry("tar2sqfs", List.of("squashfs-tools-ng")),
            entry("sqfs2tar", List.of("squashfs-tools-ng")),
            entry("mmdebstrap", List.of("mmdebstrap")),
            entry("mke2fs", List.of("e2fsprogs")),
            entry("grub-mkimage", List.of("grub-common")),
            entry("xz", List.of("xz-utils")),
            entry("zstd", List.of("zstd")),
            entry("dpkg-deb", List.of("dpkg")),
            entry("ssh", List.of("openssh-client")),
            entry("gcc", List.of("gcc")),
            entry("x86_64-linux-gnu-gcc", List.of("gcc-x86-64-linux-gnu")),
            entry("i686-linux-gnu-gcc", List.of("gcc-i686-linux-gnu")),
            entry("aarch64-linux-gnu-gcc", List.of("gcc-aarch64-linux-gnu")),
            entry("arm-linux-gnueabihf-gcc", List.of("gcc-arm-linux-gnueabihf")),
            entry("riscv64-linux-gnu-gcc", List.of("gcc-riscv64-linux-gnu")),
            entry("powerpc64le-linux-gnu-gcc", List.of("gcc-powerpc64le-linux-gnu")),
            entry("s390x-linux-gnu-gcc", List.of("gcc-s390x-linux-gnu")));

    private Engines() {}

    /// Packages that may have a program, the best first; none for a program that is no engine.
    public static List<String> packagesOf(String program) {
        return Optional.ofNullable(PACKAGES.get(program)).orElse(List.of());
    }

    /// Every program that Hostal may use.
    public static Set<String> programs() {
        return new TreeSet<>(PACKAGES.keySet());
    }
}
