package dev.hostal.qemu;

import java.util.Locale;

/// What runs the guest's instructions. Source: QEMU documentation, `-accel`.
enum Accelerator {
    /// The host's processor.
    KVM,
    /// QEMU itself, by translation.
    TCG;

    /// The word in the API and on QEMU's command line.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Accelerator parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
