package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Limits;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The first line of the body of `POST /v1/builds`; the context follows it as a tar archive.
/// Frozen: members are added, never renamed or re-meant.
///
/// @param tags names that the image gets
/// @param dockerfile path in the context
/// @param network of `RUN`; empty for the default
/// @param secrets content by id
/// @param cacheFrom images that may hold steps of former builds
/// @param cacheTo the image that gets all steps
/// @param cacheInline the image gets its own steps
/// @param agents ids of SSH agents that the client can be asked for
/// @param contexts further ones by name: `docker-image://` and an image, or `local:` and what the client is asked for
/// @param hosts names with addresses for `/etc/hosts` of `RUN`, such as `db:10.0.0.2`
/// @param sharedMemory bytes of `/dev/shm` of `RUN`
/// @param memory bytes that a `RUN` may use
/// @param limits what else a `RUN` may use
/// @param uncached stages whose steps all run
/// @param remote a repository, or the URL of an archive or a Dockerfile, in place of the context
/// @param entitlements what a `RUN` may ask for: `network.host`, `security.insecure`
/// @param diskSize in bytes: the image becomes a disk of that size, which a virtual machine boots from
public record BuildV1(
        List<String> tags,
        String dockerfile,
        Map<String, String> arguments,
        Optional<String> target,
        boolean noCache,
        boolean pull,
        Map<String, String> labels,
        Optional<String> arch,
        Optional<String> network,
        List<RegistryLoginV1> logins,
        Map<String, byte[]> secrets,
        List<String> cacheFrom,
        Optional<String> cacheTo,
        boolean cacheInline,
        List<String> agents,
        Map<String, String> contexts,
        List<String> hosts,
        Optional<Long> sharedMemory,
        Optional<Long> memory,
        Limits limits,
        List<String> entitlements,
        List<String> uncached,
        Optional<String> remote,
        OptionalLong diskSize) {
    /// Of the body: a line of JSON, and a tar archive.
    public static final String TYPE = "application/x-hostal-build";
    /// Longest first line. Chosen: secrets are keys and passwords.
    public static final int LINE_MAX = 4 << 20;

    public JsonObject toJson() {
        var hidden = new TreeMap<String, String>();
        secrets.forEach((id, content) -> hidden.put(id, Base64.getEncoder().encodeToString(content)));
        var json = new JsonObject().putTexts("tags", tags).put("dockerfile", dockerfile)
                .putTexts("arguments", new TreeMap<>(arguments))
                .putIfPresent("target", target).put("noCache", noCache).put("pull", pull)
                .putTexts("labels", new TreeMap<>(labels))
                .putIfPresent("arch", arch).putIfPresent("network", network)
                .putObjects("logins", logins.stream().map(RegistryLoginV1::toJson).toList()).putTexts("secrets", hidden)
                .putTexts("cacheFrom", cacheFrom).putIfPresent("cacheTo", cacheTo).put("cacheInline", cacheInline)
                .putTexts("agents", agents).putTexts("contexts", new TreeMap<>(contexts)).putTexts("hosts", hosts)
                .putTexts("entitlements", entitlements)
                .putTexts("uncached", uncached).putIfPresent("remote", remote);
        sharedMemory.ifPresent(bytes -> json.put("sharedMemory", bytes));
        memory.ifPresent(bytes -> json.put("memory", bytes));
        if (!limits.equals(Limits.USUAL)) json.put("limits", LimitsV1.toJson(limits));
        diskSize.ifPresent(bytes -> json.put("diskSize", bytes));
        return json;
    }

    /// @throws dev.hostal.json.JsonException a member is missing, wrong or unknown
    /// @throws IllegalArgumentException a secret is not Base64
    public static BuildV1 from(JsonObject json) {
        json.onlyMembers("tags", "dockerfile", "arguments", "target", "noCache", "pull", "labels", "arch", "network",
                "logins", "secrets", "cacheFrom", "cacheTo", "cacheInline", "agents", "contexts", "hosts",
                "sharedMemory", "memory", "limits", "entitlements", "uncached", "remote", "diskSize");
        var secrets = new TreeMap<String, byte[]>();
        json.textMap("secrets").forEach((id, content) -> secrets.put(id, Base64.getDecoder().decode(content)));
        return new BuildV1(json.texts("tags"), json.findText("dockerfile").orElse("Dockerfile"), json.textMap("arguments"),
                json.findText("target"), json.bool("noCache", false), json.bool("pull", false), json.textMap("labels"),
                json.findText("arch"), json.findText("network"),
                json.objects("logins").stream().map(RegistryLoginV1::from).toList(), secrets,
                json.texts("cacheFrom"), json.findText("cacheTo"), json.bool("cacheInline", false),
                json.texts("agents"), json.textMap("contexts"), json.texts("hosts"),
                json.findInteger("sharedMemory"),
                json.findInteger("memory"),
                json.findObject("limits").map(LimitsV1::from).orElse(Limits.USUAL), json.texts("entitlements"),
                json.texts("uncached"), json.findText("remote"),
                json.has("diskSize") ? OptionalLong.of(json.integer("diskSize", 1, Long.MAX_VALUE)) : OptionalLong.empty());
    }
}
