package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// Bodies of builds.
final class BuildSchemas {
    static final Schema BUILD = Schema.of("Build", "The first line of the body of a build; the context follows as a tar archive.",
            may("tags", "string[]", "Names that the image gets; none: it is `build@` and its digest."),
            may("dockerfile", "string", "Path in the context; `Dockerfile` where it is missing."),
            may("arguments", "string{}", "Values for `ARG`, by name."),
            may("target", "string", "The stage that is wanted; the last where it is missing."),
            may("noCache", "boolean", "Every step runs, whatever is known of it."),
            may("pull", "boolean", "Images are looked for at their registries also where they are here."),
            may("labels", "string{}", "Added to the image's."),
            may("arch", "string", "The host's where it is missing."),
            may("network", "string", "Of `RUN`: `default`, `none`, `host`, or the name of a network."),
            may("logins", "RegistryLogin[]", "What whoever builds is known by, one a registry."),
            may("secrets", "string{}", "Content by id, as Base64."),
            may("cacheFrom", "string[]", "Images that may hold steps of former builds, also of other hosts."),
            may("cacheTo", "string", "Name of the image that gets all steps of this build."),
            may("cacheInline", "boolean", "The image itself holds its steps."),
            may("agents", "string[]", "Ids of SSH agents that the client can be asked for."),
            may("contexts", "string{}",
                    "Further contexts by name: `docker-image://` and an image, or `local:` and a name that the client is asked "
                    + "for."),
            may("hosts", "string[]", "For `/etc/hosts` of `RUN`, such as `db:10.0.0.2`."),
            may("sharedMemory", "integer", "Bytes of `/dev/shm` of `RUN`."),
            may("memory", "integer", "Bytes that a `RUN` may use; as much as the host has where it is missing."),
            may("limits", "Limits", "What else a `RUN` may use."),
            may("entitlements", "string[]", "What a `RUN` may ask for: `network.host`, `security.insecure`."),
            may("uncached", "string[]", "Stages whose steps all run, whatever is known of them."),
            may("remote", "string", "A git repository, or the URL of an archive or a Dockerfile: fetched in place of the context."),
            may("diskSize", "integer", "In bytes: the image becomes a disk of that size, which a virtual machine boots from."));

    static final Schema BUILD_EVENT = Schema.of("BuildEvent", "One line of the reply of a build. Empty lines mean nothing.",
            has("event", "string", "`begun`, `output`, `done`, `cached` or `failed` of a step; `agent` or `context` where the build asks "
                    + "for one; at last `built` or `refused`."),
            may("step", "integer", "Number of the step."),
            may("text", "string", "Name of a step that begins, none for one that is not worth showing; what a program wrote; why "
                    + "the step failed; which agent or context."),
            may("talk", "string", "The name under which `/v1/build-talks` waits for what is asked for."),
            may("image", "Image", "That was built."),
            may("error", "Error", "Why nothing was built."));

    static final List<Schema> ALL = List.of(BUILD, BUILD_EVENT);

    private BuildSchemas() {}
}
