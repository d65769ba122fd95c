package dev.hostal.docker;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.util.Optional;

/// The parameters `platform` and `platforms` of images. Source: Docker Engine API, "platform": a platform of the OCI
/// image specification as JSON; older clients wrote `linux/arm64`.
final class Platforms {
    private Platforms() {}

    /// @param since the version of the API, `48` of `1.48`, before which the parameter means nothing
    /// @throws Refusal 400 it is none, or of another operating system
    static Optional<Arch> of(Exchange exchange, String parameter, int since) {
        if (exchange.minor() < since) return Optional.empty();
        var all = exchange.texts(parameter).stream().filter(text -> !text.isEmpty()).map(Platforms::parse).distinct().toList();
        if (all.size() > 1) {
            throw new Refusal(400, "multiple %s parameters are not possible with Hostal: ask for one after the other".formatted(parameter));
        }
        return all.stream().findFirst();
    }

    static Arch parse(String text) {
        if (!text.startsWith("{")) return arch(text);
        try {
            var json = JsonObject.parse(text);
            var arch = json.findText("architecture").orElse("");
            var system = json.findText("os").orElse("");
            if (arch.isEmpty() || system.isEmpty()) throw new Refusal(400, "both OS and Architecture must be provided");
            return arch(system + "/" + arch);
        } catch (JsonException e) {
            throw new Refusal(400, "failed to parse platform: " + e.getMessage());
        }
    }

    static JsonObject json(Arch arch) {
        var json = new JsonObject().put("architecture", arch.oci()).put("os", "linux");
        return arch.ociVariant().isEmpty() ? json : json.put("variant", arch.ociVariant());
    }

    static String text(Arch arch) {
        return "linux/" + arch.oci();
    }

    /// `linux/arm64/v8` and the like.
    static Arch arch(String platform) {
        var parts = platform.split("/");
        if (parts.length > 1 && !parts[0].equals("linux")) throw new Refusal(400,
                "\"%s\": unknown operating system or architecture: invalid argument".formatted(platform));
        try {
            return Arch.parse(parts.length > 1 ? parts[1] : parts[0]);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "\"%s\": unknown operating system or architecture: invalid argument".formatted(platform));
        }
    }
}
