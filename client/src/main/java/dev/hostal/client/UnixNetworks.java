package dev.hostal.client;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;

/// The API of networks over the daemon's Unix socket.
final class UnixNetworks implements HostalNetworks {
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

    private static String of(String name) {
        return "/v1/networks/" + Target.segment(name);
    }

    private static String ofInstance(String instance, String rest) {
        return "/v1/instances/" + Target.segment(instance) + rest;
    }
}
