package dev.hostal.client;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.VolumeV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// The API of volumes over the daemon's Unix socket.
final class UnixVolumes implements HostalVolumes {
    private final Requests requests;

    UnixVolumes(Requests requests) {
        this.requests = requests;
    }

    @Override public List<VolumeV1> list(Map<String, String> query) throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/volumes" + Target.query(query)), "volumes", VolumeV1::from);
    }

    @Override public VolumeV1 create(CreateVolumeV1 body) throws IOException {
        return Requests.read(requests.json("POST", "/v1/volumes", body.toJson()), VolumeV1::from);
    }

    @Override public VolumeV1 get(String ref) throws IOException {
        return Requests.read(requests.json("GET", of(ref, "")), VolumeV1::from);
    }

    @Override public OperationV1 delete(String ref) throws IOException {
        return Requests.read(requests.json("DELETE", of(ref, "")), OperationV1::from);
    }

    @Override public JsonObject prune(boolean all) throws IOException {
        return requests.json("POST", "/v1/volume-prune" + (all ? "?all=true" : ""));
    }

    @Override public OperationV1 copy(String ref, String verb, CreateVolumeV1 body) throws IOException {
        return Requests.read(requests.json("POST", of(ref, "/" + verb), body.toJson()), OperationV1::from);
    }

    @Override public InputStream export(String ref) throws IOException {
        return requests.stream("GET", of(ref, "/content"));
    }

    @Override public void importTar(String ref, InputStream tar) throws IOException {
        requests.upload("PUT", of(ref, "/content"), tar);
    }

    private static String of(String ref, String rest) {
        return "/v1/volumes/" + Target.segment(ref) + rest;
    }
}
