package dev.hostal.image;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Platform;

/// Entries of the store's index, with what Hostal notes in their annotations.
final class Entries {
    private Entries() {}

    static Descriptor of(Descriptor manifest, Platform platform, String source, BootAbilities abilities) {
        var entry = manifest.withPlatform(platform).withAnnotation(StoredImage.SOURCE, source);
        if (abilities.bringsInit()) entry = entry.withAnnotation(StoredImage.INIT, "true");
        if (abilities.kernelRelease().isPresent()) {
            entry = entry.withAnnotation(StoredImage.KERNEL, abilities.kernelRelease().get());
        }
        return entry;
    }
}
