package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.PublishedPort;

/// A published port as it stands in the journal, version 1. Members that say nothing are left out.
final class PublishedPortV1 {
    private PublishedPortV1() {}

    static JsonObject toJson(PublishedPort port) {
        var json = new JsonObject();
        json.putIfPresent("hostAddress", port.hostAddress());
        port.hostPort().ifPresent(count -> json.put("hostPort", count));
        json.put("guestPort", port.guestPort());
        json.put("count", port.count());
        json.put("protocol", port.protocol());
        return json;
    }

    static PublishedPort from(JsonObject json) {
        return new PublishedPort(
                json.findText("hostAddress"),
                json.findInt("hostPort"),
                (int) json.integer("guestPort", 0, Integer.MAX_VALUE),
                (int) json.integer("count", 0, Integer.MAX_VALUE),
                json.text("protocol"));
    }
}
