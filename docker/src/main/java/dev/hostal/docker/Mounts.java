package dev.hostal.docker;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Mount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        for (var bind : host.texts("Binds")) {
            var mount = bind(bind);
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
        });
        return switch (type) {
            case "bind", "volume", "tmpfs" -> new Mount(type, wanted.findText("Source").orElse(""), target,
                    wanted.bool("ReadOnly", false), options);
            default -> throw new Refusal(400, "mount type unknown: \"%s\"".formatted(type));
        };
    }

    private static Mount tmpfs(String target, String words) {
        var options = new LinkedHashMap<String, String>();
        boolean readOnly = false;
        for (var word : words.split(",")) {
            if (word.equals("ro")) readOnly = true;
            else if (word.startsWith("size=")) options.put("size", word.substring(5));
            else if (word.startsWith("mode=")) options.put("mode", word.substring(5));
        }
        return new Mount("tmpfs", "", target, readOnly, options);
    }

    /// As inspected.
    static List<JsonObject> inspected(List<Mount> mounts) {
        var all = new ArrayList<JsonObject>();
        for (var mount : mounts) {
            var json = new JsonObject().put("Type", mount.type());
            if (mount.type().equals("volume")) json.put("Name", mount.source());
            all.add(json.put("Source", mount.type().equals("bind") ? mount.source() : "").put("Destination", mount.target())
                    .put("Mode", mount.readOnly() ? "ro" : "").put("RW", !mount.readOnly())
                    .put("Propagation", mount.options().getOrDefault("propagation", mount.type().equals("bind") ? "rprivate" : "")));
        }
        return all;
    }

    /// As `Binds` has them.
    static List<String> binds(List<Mount> mounts) {
        return mounts.stream().filter(mount -> !mount.type().equals("tmpfs") && !mount.source().isEmpty())
                .map(mount -> mount.source() + ":" + mount.target() + (mount.readOnly() ? ":ro" : "")).toList();
    }
}
