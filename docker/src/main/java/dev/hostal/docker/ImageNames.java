package dev.hostal.docker;

import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.Images;
import java.util.List;
import java.util.Optional;

/// What images are called, and which is meant by a name.
final class ImageNames {
    private ImageNames() {}

    /// The image that a name or (the beginning of) an id means.
    ///
    /// @throws Refusal 404 there is none
    static Images.Image find(Iterable<Images.Image> images, String name) {
        var hex = name.startsWith("sha256:") ? name.substring(7) : name;
        if (hex.matches("[0-9a-f]{4,64}")) {
            for (var image : images) {
                if (image.digest().startsWith("sha256:" + hex)) return image;
            }
        }
        var reference = reference(name).familiar();
        Images.Image found = null;
        for (var image : images) {
            boolean named = image.references().stream().anyMatch(one -> one.familiar().equals(reference))
                    || name.contains("@") && name.endsWith(image.digest());
            // Of several architectures the host's.
            if (named && (found == null || image.arch() == host())) found = image;
        }
        if (found == null) throw Refusal.notFound("image", reference);
        return found;
    }

    /// The same of an architecture.
    ///
    /// @throws Refusal 404 there is none of that name, or only for others
    static Images.Image find(List<Images.Image> images, String name, Optional<Arch> arch) {
        var usual = find(images, name);
        if (arch.isEmpty() || usual.arch() == arch.get()) return usual;
        return images.stream().filter(image -> image.arch() == arch.get())
                .filter(image -> image.references().stream().anyMatch(usual.references()::contains))
                .findFirst().orElseThrow(() -> new Refusal(404,
                        "image with reference %s was found but does not provide the specified platform (%s)"
                                .formatted(name, Platforms.text(arch.get()))));
    }

    private static Arch host() {
        return Arch.parse(System.getProperty("os.arch"));
    }

    static ImageReference reference(String name) {
        try {
            return ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "invalid reference format: " + e.getMessage());
        }
    }

    /// In the short form; empty for what is no name.
    static String safe(String name) {
        try {
            return ImageReference.parse(name).familiar();
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    static List<String> tags(Images.Image image) {
        return image.references().stream().filter(reference -> reference.tag().isPresent())
                .map(ImageReference::familiar).toList();
    }

    static List<String> digests(Images.Image image) {
        return image.references().stream().filter(reference -> !isNameless(reference))
                .map(reference -> repository(reference) + "@" + image.digest()).distinct().toList();
    }

    /// What was built without a name is known by its digest only.
    private static boolean isNameless(ImageReference reference) {
        return reference.tag().isEmpty() && reference.familiar().startsWith("build@");
    }

    private static String repository(ImageReference reference) {
        return new ImageReference(reference.registry(), reference.repository(), Optional.of("latest"), Optional.empty())
                .familiar().replaceAll(":latest$", "");
    }
}
