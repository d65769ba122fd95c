package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
/// @param asked what is known only when the build asks for it
/// @param steps where steps of other hosts are found, and left for them
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
        Map<String, byte[]> secrets,
        Asked asked,
        SharedSteps steps) {
    /// The network of `RUN` where nobody says which.
    public static final String NETWORK_DEFAULT = "default";

    /// What a build takes from whoever asks for it while it runs, or what only some of them say.
    ///
    /// @param text of the Dockerfile, which is not in the context then, and the context has nothing that is ignored
    /// @param contexts further ones by name: `docker-image://` and an image, or `local:` and what the caller calls it
    /// @param hosts names with addresses for `/etc/hosts` of `RUN`, such as `db:10.0.0.2`
    /// @param limits of each `RUN`
    /// @param entitlements what a `RUN` may ask for beyond the usual: [#NETWORK_HOST], [#SECURITY_INSECURE]
    /// @param remote a repository, or the URL of an archive or a Dockerfile, which is fetched in place of the context that comes
    /// @param uncached names or numbers of stages whose steps all run
    public record Asked(BuildCaller caller, Optional<String> text, Map<String, String> contexts, List<String> hosts,
            StepLimits limits, Set<String> entitlements, Set<String> uncached, Optional<String> remote) {
        /// A `RUN --network=host`. Source: moby/buildkit, util/entitlements.
        public static final String NETWORK_HOST = "network.host";
        /// A `RUN --security=insecure`. Source: as above.
        public static final String SECURITY_INSECURE = "security.insecure";

        public static final Asked NOTHING = new Asked(BuildCaller.NOBODY, Optional.empty(), Map.of(), List.of(),
                StepLimits.USUAL, Set.of(), Set.of(), Optional.empty());

        public Asked {
            contexts = Map.copyOf(contexts);
            hosts = List.copyOf(hosts);
            entitlements = Set.copyOf(entitlements);
            uncached = Set.copyOf(uncached);
            for (var name : entitlements) {
                require(name.equals(NETWORK_HOST) || name.equals(SECURITY_INSECURE), "invalid entitlement '%s': %s, %s",
                        name, NETWORK_HOST, SECURITY_INSECURE);
            }
        }
    }

    /// Steps that hosts share through images.
    ///
    /// @param from images that may hold steps; what cannot be had is left out
    /// @param to the image that gets all steps of this build
    /// @param inline the built image gets its own steps
    /// @param only where there are images in `from`, no steps are reused but theirs
    public record SharedSteps(List<ImageReference> from, Optional<ImageReference> to, boolean inline, boolean only) {
        public static final SharedSteps NONE = new SharedSteps(List.of(), Optional.empty(), false);

        public SharedSteps {
            from = List.copyOf(from);
        }

        public SharedSteps(List<ImageReference> from, Optional<ImageReference> to, boolean inline) {
            this(from, to, inline, false);
        }
    }

    public BuildSpec {
        require(!dockerfile.isEmpty(), "a build has a Dockerfile");
        tags = List.copyOf(tags);
        arguments = Map.copyOf(arguments);
        labels = Map.copyOf(labels);
        logins = List.copyOf(logins);
        secrets = Map.copyOf(secrets);
    }

    /// What is known of whoever asks at the registry of an image.
    public Optional<RegistryLogin> login(ImageReference image) throws IOException, InterruptedException {
        var said = logins.stream().filter(login -> login.registry().equals(image.registry())).findFirst();
        return said.isPresent() ? said : asked.caller().login(image.registry());
    }

    public Optional<byte[]> secret(String id) throws IOException, InterruptedException {
        var said = Optional.ofNullable(secrets.get(id));
        return said.isPresent() ? said : asked.caller().secret(id);
    }
}
