package dev.hostal.sim;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.Images;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The images of a simulated world, and those that this host has obtained. `tiny` and `debian` of any tag exist
/// for every architecture, `debian` with an init of its own; `intel-only` is an x86_64 image whatever is asked for.
final class SimRegistry {
    private final SimTime time;
    private final Map<String, Images.Image> obtained = new ConcurrentHashMap<>();

    SimRegistry(SimTime time) {
        this.time = time;
    }

    Map<String, Images.Image> obtained() {
        return obtained;
    }

    void keep(Images.Image image) {
        obtained.put(image.digest(), image);
    }

    /// The image under another name too; an image that had it for that architecture loses it.
    Images.Image name(Images.Image image, ImageReference name) {
        obtained.replaceAll((_, each) -> each.arch() == image.arch() ? with(each, each.references().stream()
                .filter(other -> !other.equals(name)).toList()) : each);
        var names = Stream.concat(obtained.getOrDefault(image.digest(), image).references().stream(), Stream.of(name))
                .sorted(Comparator.comparing(ImageReference::toString)).toList();
        var named = with(image, names);
        keep(named);
        return named;
    }

    private static Images.Image with(Images.Image image, List<ImageReference> names) {
        return new Images.Image(image.digest(), names, image.arch(), image.size(), image.createdAt(), image.source(),
                image.program(), image.bringsInit(), image.labels());
    }

    /// An image that came as a file.
    Images.Image made(ImageReference name, Arch arch, Images.Program program, String content) {
        return name(new Images.Image(digest(content), List.of(), arch, Bytes.mib(5), time.instant(), "file", program, false,
                Map.of()), name);
    }

    Optional<Images.Image> find(ImageReference reference, Arch arch) {
        return obtained.values().stream()
                .filter(image -> image.references().contains(reference) && image.arch() == archOf(reference, arch))
                .findFirst();
    }

    /// What the world offers under that name.
    Optional<Images.Image> offered(ImageReference reference, Arch wanted) {
        var arch = archOf(reference, wanted);
        return switch (nameOf(reference)) {
            case "tiny", "intel-only" -> Optional.of(image(reference, arch, false, List.of("sh")));
            case "debian" -> Optional.of(image(reference, arch, true, List.of("bash")));
            case "nothing" -> Optional.of(image(reference, arch, false, List.of()));
            default -> Optional.empty();
        };
    }

    private Images.Image image(ImageReference reference, Arch arch, boolean init, List<String> command) {
        var program = new Images.Program(List.of(), command, List.of("PATH=/usr/bin:/bin"), "", "", "");
        return new Images.Image(digest(reference + "|" + arch.word()), List.of(reference), arch, Bytes.mib(30),
                time.instant(), "simulation", program, init, Map.of());
    }

    private static Arch archOf(ImageReference reference, Arch wanted) {
        return nameOf(reference).equals("intel-only") ? Arch.X86_64 : wanted;
    }

    private static String nameOf(ImageReference reference) {
        return reference.repository().substring(reference.repository().lastIndexOf('/') + 1);
    }

    private static String digest(String text) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
