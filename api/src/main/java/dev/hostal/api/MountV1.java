package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Mount;
import java.util.TreeMap;

/// A mount as it is on the wire of `/v1`; members that say nothing are left out. What they mean: [Mount].
public final class MountV1 {
    private MountV1() {}

    public static JsonObject toJson(Mount mount) {
        var json = new JsonObject();
        json.put("type", mount.type());
        json.put("source", mount.source());
        json.put("target", mount.target());
        if (mount.readOnly()) json.put("readOnly", true);
        if (!mount.options().isEmpty()) json.putTexts("options", new TreeMap<>(mount.options()));
        return json;
    }

    public static Mount from(JsonObject json) {
        json.onlyMembers("type", "source", "target", "readOnly", "options");
        return new Mount(
                json.text("type"),
                json.text("source"),
                json.text("target"),
                json.bool("readOnly", false),
                json.textMap("options"));
    }
}
