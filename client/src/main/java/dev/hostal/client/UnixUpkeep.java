package dev.hostal.client;

import dev.hostal.api.ImageV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.ProcessesV1;
import dev.hostal.api.UpdateInstanceV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The calls about looking after instances over the daemon's Unix socket.
record UnixUpkeep(Requests requests) implements Upkeep {
    @Override public InstanceV1 update(String ref, UpdateInstanceV1 body) throws IOException {
        return Requests.read(requests.json("POST", of(ref, "/update"), body.toJson()), InstanceV1::from);
    }

    @Override public ProcessesV1 processes(String ref) throws IOException {
        return Requests.read(requests.json("GET", of(ref, "/processes")), ProcessesV1::from);
    }

    @Override public JsonObject changes(String ref) throws IOException {
        return requests.json("GET", of(ref, "/changes"));
    }

    @Override public InputStream root(String ref) throws IOException {
        return requests.stream("GET", of(ref, "/root"));
    }

    @Override public ImageV1 commit(String ref, JsonObject body) throws IOException {
        return Requests.read(requests.json("POST", of(ref, "/commit"), body), ImageV1::from);
    }

    @Override public List<String> prune() throws IOException {
        return Requests.read(requests.json("POST", "/v1/instance-prune"), (JsonObject json) -> json.texts("instances"));
    }

    private static String of(String ref, String rest) {
        return "/v1/instances/" + Target.segment(ref) + rest;
    }
}
