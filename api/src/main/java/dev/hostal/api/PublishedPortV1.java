package dev.hostal.api;

import dev.hostal.json.JsonObject;
import dev.hostal.model.PublishedPort;

/// A published port as it is on the wire of `/v1`; members that say nothing are left out. What they mean: [PublishedPort].
public final class PublishedPortV1 {
    private PublishedPortV1() {}

    public static JsonObject toJson(PublishedPort port) {
        var json = new JsonObject();
        json.putIfPresent("hostAddress", port.hostAddress());
        port.hostPort().ifPresent(count -> json.put("hostPort", count));
        json.put("guestPort", port.guestPort());
        json.put("count", port.count());
        json.put("protocol", port.protocol());
        return json;
    }

    public static PublishedPort from(JsonObject json) {
        json.onlyMembers("hostAddress", "hostPort", "guestPort", "count", "protocol");
        return new PublishedPort(
                json.findText("hostAddress"),
                json.findInt("hostPort"),
                (int) json.integer("guestPort", 0, Integer.MAX_VALUE),
                (int) json.integer("count", 0, Integer.MAX_VALUE),
                json.text("protocol"));
    }
}
