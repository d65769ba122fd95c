package dev.hostal.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An architecture of guests, with its name in each of the worlds that name it differently.
public enum Arch {
    X86_64("x86_64", "amd64", "", "amd64", "x86_64"),
    I386("i686", "386", "", "i386", "i386"),
    AARCH64("aarch64", "arm64", "v8", "arm64", "aarch64"),
    ARMHF("armv7l", "arm", "v7", "armhf", "arm"),
    RISCV64("riscv64", "riscv64", "", "riscv64", "riscv64"),
    PPC64LE("ppc64le", "ppc64le", "", "ppc64el", "ppc64"),
    S390X("s390x", "s390x", "", "s390x", "s390x");

    private final String uname;
    private final String oci;
    private final String ociVariant;
    private final String debian;
    private final String qemu;

    Arch(String uname, String oci, String ociVariant, String debian, String qemu) {
        this.uname = uname;
        this.oci = oci;
        this.ociVariant = ociVariant;
        this.debian = debian;
        this.qemu = qemu;
    }

    /// What `uname -m` prints in such a guest.
    public String uname() {
        return uname;
    }

    /// `architecture` of an OCI image config. Source: OCI image-spec, config.md (the values of GOARCH).
    public String oci() {
        return oci;
    }

    /// `variant` of an OCI platform; empty where it has none.
    public String ociVariant() {
        return ociVariant;
    }

    /// Debian's name of the port.
    public String debian() {
        return debian;
    }

    /// The end of the name of QEMU's program: `qemu-system-` and this.
    public String qemu() {
        return qemu;
    }

    /// In the name of QEMU's emulator of programs. Source: QEMU, scripts/qemu-binfmt-conf.sh.
    public String qemuUser() {
        return this == PPC64LE ? uname : qemu;
    }

    /// The word in the API and on the command line: `x86_64`, `i386`, `aarch64`, `armhf`, ...
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads the name of an architecture as any of those worlds spells it.
    ///
    /// @throws IllegalArgumentException unknown; the message lists the known ones
    public static Arch parse(String text) {
        var wanted = text.toLowerCase(Locale.ROOT);
        for (var arch : values()) {
            var names = List.of(arch.word(), arch.uname, arch.oci, arch.debian, arch.qemu,
                    arch.oci + "/" + arch.ociVariant);
            if (names.contains(wanted)) return arch;
        }
        throw new IllegalArgumentException("'%s' is not an architecture known here: %s".formatted(text,
                Arrays.stream(values()).map(Arch::word).collect(Collectors.joining(", "))));
    }
}
