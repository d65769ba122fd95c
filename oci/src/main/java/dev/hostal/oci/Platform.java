package dev.hostal.oci;

import static dev.hostal.base.Check.require;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.util.Arrays;
import java.util.Optional;

/// What an image runs on. Source: OCI image-spec, image-index.md, "platform".
///
/// @param architecture in the spelling of GOARCH, such as `amd64`
/// @param os such as `linux`
/// @param variant of the CPU, such as `v7`; empty where there is none
public record Platform(String architecture, String os, String variant) {
    public static final String LINUX = "linux";

    public Platform {
        require(!architecture.isEmpty(), "a platform names its architecture");
        require(!os.isEmpty(), "a platform names its operating system");
    }

    public static Platform of(Arch arch) {
        return new Platform(arch.oci(), LINUX, arch.ociVariant());
    }

    static Platform from(JsonObject json) {
        return new Platform(json.text("architecture"), json.text("os"), json.findText("variant").orElse(""));
    }

    JsonObject toJson() {
        var json = new JsonObject().put("architecture", architecture).put("os", os);
        return variant.isEmpty() ? json : json.put("variant", variant);
    }

    /// Whether a guest of that architecture runs it. ARM without a variant, v6 and v5 run on v7 as well.
    public boolean runsOn(Arch arch) {
        return os.equals(LINUX) && architecture.equals(arch.oci()) && !(arch == Arch.ARMHF && variant.equals("v8"));
    }

    /// Orders those that run on an architecture: the highest is taken. An exact variant wins over none, and
    /// none over an older one.
    int closenessTo(Arch arch) {
        if (variant.equals(arch.ociVariant())) return 3;
        if (variant.isEmpty()) return 2;
        return variant.equals("v6") ? 1 : 0;
    }

    /// The architecture of guests that this is for; empty where Hostal has none such.
    public Optional<Arch> arch() {
        return Arrays.stream(Arch.values()).filter(this::runsOn).findFirst();
    }

    /// `linux/amd64`, `linux/arm/v7`.
    @Override public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
