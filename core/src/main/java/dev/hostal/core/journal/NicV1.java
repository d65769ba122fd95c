package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Nic;

/// A NIC as it stands in the journal, version 1. Members that say nothing are left out.
public final class NicV1 {
    private NicV1() {}

    public static JsonObject toJson(Nic nic) {
        var json = new JsonObject();
        json.put("network", nic.network());
        json.putIfPresent("mac", nic.mac());
        json.putIfPresent("ipv4", nic.ipv4());
        json.putIfPresent("ipv6", nic.ipv6());
        if (!nic.aliases().isEmpty()) json.putTexts("aliases", nic.aliases());
        if (!nic.groups().isEmpty()) json.putTexts("groups", nic.groups());
        if (!nic.options().isEmpty()) json.putTexts("options", nic.options());
        return json;
    }

    public static Nic from(JsonObject json) {
        return new Nic(
                json.text("network"),
                json.findText("mac"),
                json.findText("ipv4"),
                json.findText("ipv6"),
                json.texts("aliases"),
                json.texts("groups"),
                json.textMap("options"));
    }
}
