package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Mount;

/// A mount as it stands in the journal, version 1. Members that say nothing are left out.
final class MountV1 {
    private MountV1() {}

    static JsonObject toJson(Mount mount) {
        var json = new JsonObject();
        json.put("type", mount.type());
        json.put("source", mount.source());
        json.put("target", mount.target());
        if (mount.readOnly()) json.put("readOnly", true);
        if (!mount.options().isEmpty()) json.putTexts("options", mount.options());
        return json;
    }

    static Mount from(JsonObject json) {
        return new Mount(
                json.text("type"),
                json.text("source"),
                json.text("target"),
                json.bool("readOnly", false),
                json.textMap("options"));
    }
}
