package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Mount;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// `Binds`, `Mounts`, `Tmpfs` and `Volumes`, both ways. Source: Docker Engine API, definitions HostConfig and Mount.
final class Mounts {
    private static final List<String> PROPAGATIONS =
            List.of("rprivate", "private", "rshared", "shared", "rslave", "slave");

    private Mounts() {}

    static List<Mount> of(JsonObject host, JsonObject body) {
        var byTarget = new LinkedHashMap<String, Mount>();
        body.findObject("Volumes").ifPresent(volumes -> volumes.members().keySet()
                .forEach(target -> byTarget.put(target, new Mount("volume", "", target, false, Map.of()))));
        host.findObject("Tmpfs").ifPresent(all -> all.members().keySet()
                .forEach(target -> byTarget.put(target, tmpfs(target, all.text(target)))));
        var volumeDriver = host.findText("VolumeDriver").orElse("");
        for (var bind : host.texts("Binds")) {
            var mount = bind(bind);
            if (mount.type().equals(Mount.VOLUME) && !List.of("", "local").contains(volumeDriver)) throw new Refusal(404,
                    "create %s: error looking up volume plugin %s: plugin \"%s\" not found".formatted(mount.source(),
                            volumeDriver, volumeDriver));
            byTarget.put(mount.target(), mount);
        }
        for (var wanted : host.objects("Mounts")) {
            var mount = mount(wanted);
            if (byTarget.put(mount.target(), mount) != null) {
                throw new Refusal(400, "Duplicate mount point: " + mount.target());
            }
        }
        return List.copyOf(byTarget.values());
    }

    private static Mount bind(String text) {
        var parts = text.split(":");
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty()) {
            throw new Refusal(400, "invalid volume specification: '%s'".formatted(text));
        }
        if (!parts[1].startsWith("/")) throw new Refusal(400,
                "invalid volume specification: '%s': invalid mount config for type \"volume\": invalid mount path: '%s' mount path must be absolute"
                        .formatted(text, parts[1]));
        boolean readOnly = false;
        var options = new LinkedHashMap<String, String>();
        for (var mode : parts.length == 3 ? parts[2].split(",") : new String[0]) {
            switch (mode) {
                case "ro" -> readOnly = true;
                case "rw", "z", "Z", "" -> { /* As is usual; there are no labels to change. */ }
                case "nocopy" -> options.put("nocopy", "true");
                default -> {
                    if (!PROPAGATIONS.contains(mode)) throw new Refusal(400, "invalid mode: " + mode);
                    options.put("propagation", mode);
                }
            }
        }
        boolean path = parts[0].startsWith("/");
        if (path) options.put("create", "true");
        return new Mount(path ? "bind" : "volume", parts[0], parts[1], readOnly, options);
    }

    private static Mount mount(JsonObject wanted) {
        var options = new LinkedHashMap<String, String>();
        var type = wanted.findText("Type").orElse("");
        var target = wanted.findText("Target").orElse("");
        if (!target.startsWith("/")) throw new Refusal(400,
                "invalid mount config for type \"%s\": invalid mount path: '%s' mount path must be absolute".formatted(type, target));
        wanted.findObject("BindOptions").ifPresent(bind -> {
            CreateBody.nonEmpty(bind, "Propagation").ifPresent(word -> options.put("propagation", word));
            if (bind.bool("CreateMountpoint", false)) options.put("create", "true");
            if (bind.bool("NonRecursive", false)) options.put("recursive", "false");
        });
        wanted.findObject("VolumeOptions").ifPresent(volume -> {
            if (volume.bool("NoCopy", false)) options.put("nocopy", "true");
            CreateBody.nonEmpty(volume, "Subpath").ifPresent(path -> options.put("subpath", path));
        });
        wanted.findObject("TmpfsOptions").ifPresent(tmpfs -> {
            long size = tmpfs.integer("SizeBytes", 0, Long.MAX_VALUE, 0);
            if (size > 0) options.put("size", Long.toString(size));
            long mode = tmpfs.integer("Mode", 0, 07777, 0);
            if (mode > 0) options.put("mode", Long.toString(mode, 8));
            for (var words : tmpfs.has("Options") ? tmpfs.array("Options") : List.<Json>of()) {
                if (words instanceof Json.Array(var pair) && !pair.isEmpty() && pair.getFirst() instanceof Json.Text(var word)) {
                    var value = pair.size() > 1 && pair.get(1) instanceof Json.Text(var text) ? word + "=" + text : word;
                    options.putAll(tmpfs(target, value).options());
                } else throw new Refusal(400, "invalid option array length");
            }
        });
        refuseUnknown(wanted);
        if (type.equals("bind") && !options.containsKey("create")) refuseMissing(wanted.findText("Source").orElse(""));
        return switch (type) {
            case "bind", "volume", "tmpfs" -> new Mount(type, wanted.findText("Source").orElse(""), target,
                    wanted.bool("ReadOnly", false), options);
            default -> throw new Refusal(400, "invalid mount config for type \"%s\": mount type unknown".formatted(type));
        };
    }

    private static void refuseMissing(String source) {
        if (source.startsWith("/") && !Files.exists(Path.of(source), LinkOption.NOFOLLOW_LINKS)) throw new Refusal(400,
                "invalid mount config for type \"bind\": bind source path does not exist: " + source);
    }

    /// What a mount can ask for and Hostal cannot do.
    private static void refuseUnknown(JsonObject wanted) {
        var volume = wanted.findObject("VolumeOptions").orElseGet(JsonObject::new);
        var driver = volume.findObject("DriverConfig").orElseGet(JsonObject::new);
        boolean other = !List.of("", "local").contains(driver.findText("Name").orElse(""));
        if (other || driver.findObject("Options").map(options -> !options.members().isEmpty()).orElse(false)) {
            throw new Refusal(400, "VolumeOptions.DriverConfig is not possible with Hostal: " + driver);
        }
        var bind = wanted.findObject("BindOptions").orElseGet(JsonObject::new);
        for (var member : List.of("ReadOnlyNonRecursive", "ReadOnlyForceRecursive")) {
            if (bind.bool(member, false)) throw new Refusal(400, "BindOptions.%s is not possible with Hostal".formatted(member));
        }
    }

    private static Mount tmpfs(String target, String words) {
        var options = new LinkedHashMap<String, String>();
        boolean readOnly = false;
        for (var word : words.split(",")) {
            if (word.equals("ro")) readOnly = true;
            else if (word.startsWith("size=")) options.put("size", Long.toString(CreateBody.size(word.substring(5))));
            else if (word.startsWith("mode=")) options.put("mode", word.substring(5));
            else if (word.equals("exec")) options.put("exec", "true");
            else if (!List.of("", "rw", "noexec", "nosuid", "nodev").contains(word)) throw new Refusal(400,
                    "the option '%s' of a tmpfs is not possible with Hostal".formatted(word));
        }
        return new Mount("tmpfs", "", target, readOnly, options);
    }

    /// As inspected.
    ///
    /// @param places where a volume of that name lies on the host
    static List<JsonObject> inspected(List<Mount> mounts, UnaryOperator<String> places) {
        var all = new ArrayList<JsonObject>();
        for (var mount : mounts) {
            var json = new JsonObject().put("Type", mount.type());
            boolean volume = mount.type().equals("volume");
            if (volume) json.put("Name", mount.source());
            json.put("Source", volume ? places.apply(mount.source()) : mount.source()).put("Destination", mount.target());
            if (volume) json.put("Driver", "local");
            all.add(json.put("Mode", mount.readOnly() ? "ro" : volume ? "z" : "").put("RW", !mount.readOnly())
                    .put("Propagation", mount.options().getOrDefault("propagation",
                            mount.type().equals("bind") ? "rprivate" : "")));
        }
        return all;
    }

    /// As `Binds` has them.
    static List<String> binds(List<Mount> mounts) {
        return mounts.stream().filter(mount -> !mount.type().equals("tmpfs") && !mount.source().isEmpty())
                .map(mount -> mount.source() + ":" + mount.target() + (mount.readOnly() ? ":ro" : "")).toList();
    }
}
