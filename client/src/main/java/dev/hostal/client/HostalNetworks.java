package dev.hostal.client;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;

/// Every call of `/v1` about networks, NICs and published ports; see [Hostal] for how calls fail. What objects have is in
/// the reference of the API.
public interface HostalNetworks {
    List<JsonObject> list() throws IOException;

    JsonObject create(JsonObject body) throws IOException;

    JsonObject get(String name) throws IOException;

    void delete(String name) throws IOException;

    List<JsonObject> nics(String instance) throws IOException;

    JsonObject attach(String instance, JsonObject nic) throws IOException;

    /// @param nic name of its network, or its MAC address
    void detach(String instance, String nic) throws IOException;

    List<JsonObject> ports() throws IOException;

    JsonObject publish(String instance, JsonObject port) throws IOException;

    void unpublish(String id) throws IOException;
}
