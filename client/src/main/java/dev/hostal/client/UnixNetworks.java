package dev.hostal.client;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// The API of networks over the daemon's Unix socket.
final class UnixNetworks implements HostalNetworks {
    private static final String GROUPS = "/v1/security-groups";

    private final Requests requests;

    UnixNetworks(Requests requests) {
        this.requests = requests;
    }

    @Override public List<JsonObject> list() throws IOException {
        return requests.json("GET", "/v1/networks").objects("networks");
    }

    @Override public JsonObject create(JsonObject body) throws IOException {
        return requests.json("POST", "/v1/networks", body);
    }

    @Override public JsonObject get(String name) throws IOException {
        return requests.json("GET", of(name));
    }

    @Override public void delete(String name) throws IOException {
        requests.nothing("DELETE", of(name));
    }

    @Override public JsonObject reserve(String network, String name, JsonObject body) throws IOException {
        return requests.json("PUT", ofReservation(network, name), body);
    }

    @Override public void unreserve(String network, String name) throws IOException {
        requests.nothing("DELETE", ofReservation(network, name));
    }

    @Override public List<JsonObject> nics(String instance) throws IOException {
        return requests.json("GET", ofInstance(instance, "/nics")).objects("nics");
    }

    @Override public JsonObject attach(String instance, JsonObject nic) throws IOException {
        return requests.json("POST", ofInstance(instance, "/nics"), nic);
    }

    @Override public void detach(String instance, String nic) throws IOException {
        requests.nothing("DELETE", ofInstance(instance, "/nics/" + Target.segment(nic)));
    }

    @Override public List<JsonObject> ports() throws IOException {
        return requests.json("GET", "/v1/ports").objects("ports");
    }

    @Override public JsonObject publish(String instance, JsonObject port) throws IOException {
        return requests.json("POST", ofInstance(instance, "/ports"), port);
    }

    @Override public void unpublish(String id) throws IOException {
        requests.nothing("DELETE", "/v1/ports/" + Target.segment(id));
    }

    @Override public List<JsonObject> groups() throws IOException {
        return requests.json("GET", GROUPS).objects("groups");
    }

    @Override public JsonObject createGroup(JsonObject group) throws IOException {
        return requests.json("POST", GROUPS, group);
    }

    @Override public JsonObject group(String name) throws IOException {
        return requests.json("GET", GROUPS + "/" + Target.segment(name));
    }

    @Override public void deleteGroup(String name) throws IOException {
        requests.nothing("DELETE", GROUPS + "/" + Target.segment(name));
    }

    @Override public JsonObject addRule(String group, JsonObject rule) throws IOException {
        return requests.json("POST", GROUPS + "/" + Target.segment(group) + "/rules", rule);
    }

    @Override public void deleteRule(String group, String rule) throws IOException {
        requests.nothing("DELETE", GROUPS + "/" + Target.segment(group) + "/rules/" + Target.segment(rule));
    }

    @Override public void putIntoGroups(String instance, String nic, List<String> groups) throws IOException {
        requests.json("PUT", ofInstance(instance, "/nics/" + Target.segment(nic) + "/groups"),
                new JsonObject().putTexts("groups", groups));
    }

    @Override public void shape(String instance, String nic, Map<String, String> words) throws IOException {
        var body = new JsonObject();
        words.forEach(body::put);
        requests.json("PUT", ofInstance(instance, "/nics/" + Target.segment(nic) + "/shape"), body);
    }

    @Override public InputStream capture(String instance, String nic, int packets, int seconds) throws IOException {
        return requests.stream("GET", ofInstance(instance, "/nics/%s/capture?packets=%d&seconds=%d"
                .formatted(Target.segment(nic), packets, seconds)));
    }

    @Override public JsonObject reach(String from, String to, String protocol, int port, boolean probes)
            throws IOException {
        return requests.json("GET", "/v1/reach?from=%s&to=%s&protocol=%s&port=%d%s".formatted(Target.segment(from),
                Target.segment(to), Target.segment(protocol), port, probes ? "&probe=true" : ""));
    }

    private static String of(String name) {
        return "/v1/networks/" + Target.segment(name);
    }

    private static String ofReservation(String network, String name) {
        return of(network) + "/reservations/" + Target.segment(name);
    }

    private static String ofInstance(String instance, String rest) {
        return "/v1/instances/" + Target.segment(instance) + rest;
    }
}
