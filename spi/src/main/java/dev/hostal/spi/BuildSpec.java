package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is to be built of a context with a Dockerfile.
///
/// @param tags names that the image gets; none: it is known by its digest only
/// @param dockerfile path in the context
/// @param arguments values for `ARG`, by name
/// @param target the stage that is wanted; empty: the last
/// @param noCache every step runs, whatever is known of it
/// @param pull images are looked for at their registries also where they are here
/// @param labels added to the image's
/// @param arch empty: the host's
/// @param network of `RUN`: `default`, `none`, `host`, or the name of a network
/// @param logins of whoever asks, one a registry
/// @param secrets content by id
public record BuildSpec(
        List<ImageReference> tags,
        String dockerfile,
        Map<String, String> arguments,
        Optional<String> target,
        boolean noCache,
        boolean pull,
        Map<String, String> labels,
        Optional<Arch> arch,
        String network,
        List<RegistryLogin> logins,
        Map<String, byte[]> secrets) {
    /// The network of `RUN` where nobody says which.
    public static final String NETWORK_DEFAULT = "default";

    public BuildSpec {
        require(!dockerfile.isEmpty(), "a build has a Dockerfile");
        tags = List.copyOf(tags);
        arguments = Map.copyOf(arguments);
        labels = Map.copyOf(labels);
        logins = List.copyOf(logins);
        secrets = Map.copyOf(secrets);
    }

    /// What is known of whoever asks at the registry of an image.
    public Optional<RegistryLogin> login(ImageReference image) {
        return logins.stream().filter(login -> login.registry().equals(image.registry())).findFirst();
    }
}
