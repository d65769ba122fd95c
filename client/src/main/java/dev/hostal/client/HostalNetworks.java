package dev.hostal.client;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// Every call of `/v1` about networks, NICs and published ports; see [Hostal] for how calls fail. What objects have is in
/// the reference of the API.
public interface HostalNetworks {
    List<JsonObject> list() throws IOException;

    JsonObject create(JsonObject body) throws IOException;

    JsonObject get(String name) throws IOException;

    void delete(String name) throws IOException;

    /// @param body what is to be kept for instances of that name
    JsonObject reserve(String network, String name, JsonObject body) throws IOException;

    void unreserve(String network, String name) throws IOException;

    List<JsonObject> nics(String instance) throws IOException;

    JsonObject attach(String instance, JsonObject nic) throws IOException;

    /// @param nic name of its network, or its MAC address
    void detach(String instance, String nic) throws IOException;

    List<JsonObject> ports() throws IOException;

    JsonObject publish(String instance, JsonObject port) throws IOException;

    void unpublish(String id) throws IOException;

    List<JsonObject> groups() throws IOException;

    JsonObject createGroup(JsonObject group) throws IOException;

    JsonObject group(String name) throws IOException;

    void deleteGroup(String name) throws IOException;

    /// @return the group
    JsonObject addRule(String group, JsonObject rule) throws IOException;

    /// @param rule its number
    void deleteRule(String group, String rule) throws IOException;

    /// @param nic name of its network, or its MAC address
    void putIntoGroups(String instance, String nic, List<String> groups) throws IOException;

    void shape(String instance, String nic, Map<String, String> words) throws IOException;

    /// @param packets 0: no matter how many
    /// @return pcap, while it comes
    InputStream capture(String instance, String nic, int packets, int seconds) throws IOException;

    /// @param from an instance, `host`, or an address outside
    JsonObject reach(String from, String to, String protocol, int port, boolean probes) throws IOException;
}
