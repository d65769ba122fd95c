package dev.hostal.container;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import java.util.Optional;

/// A NIC as it stands in a container's record.
final class NicJson {
    private NicJson() {}

    static JsonObject toJson(MachineNic nic) {
        var json = new JsonObject();
        switch (nic.way()) {
            case Way.Bridge(var bridge, var device, var isolated) -> json.put("way", "bridge").put("bridge", bridge)
                    .put("device", device).put("isolated", isolated);
            case Way.Parent(var parent, var device) -> json.put("way", "parent").put("parent", parent)
                    .put("device", device);
            case Way.User _ -> json.put("way", "user");
            case Way.Host() -> json.put("way", "host");
            case Way.Joined(var container) -> json.put("way", "joined").put("container", container.value());
        }
        return json.put("name", nic.name()).put("mac", nic.mac()).put("mtu", nic.mtu())
                .putTexts("addresses", nic.addresses()).putTexts("gateways", nic.gateways()).putTexts("dns", nic.dns())
                .putTexts("search", nic.search());
    }

    static MachineNic from(JsonObject json) {
        var way = switch (json.text("way")) {
            case "bridge" -> new Way.Bridge(json.text("bridge"), json.text("device"), json.bool("isolated"));
            case "parent" -> new Way.Parent(json.text("parent"), json.text("device"));
            case "user" -> new Way.User(Optional.empty());
            case "host" -> new Way.Host();
            case "joined" -> new Way.Joined(new InstanceId(json.text("container")));
            default -> throw new JsonException("way", "'%s' is no way of a NIC".formatted(json.text("way")));
        };
        return new MachineNic(way, json.text("name"), json.text("mac"), (int) json.integer("mtu"),
                json.texts("addresses"), json.texts("gateways"), json.texts("dns"), json.texts("search"));
    }
}
