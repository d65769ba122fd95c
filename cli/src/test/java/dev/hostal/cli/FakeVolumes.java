package dev.hostal.cli;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.VolumeV1;
import dev.hostal.client.HostalVolumes;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Volumes in memory.
final class FakeVolumes implements HostalVolumes {
    final Map<String, VolumeV1> volumes = new TreeMap<>();
    final Map<String, byte[]> contents = new HashMap<>();
    private final FakeHostal hostal;

    FakeVolumes(FakeHostal hostal) {
        this.hostal = hostal;
    }

    private VolumeV1 put(String name, OptionalLong size, boolean readOnly, Optional<String> source, Map<String, String> labels) {
        var volume = new VolumeV1("%032x".formatted(volumes.size() + 1), name, size.isPresent() ? "block" : "files", size,
                readOnly, source, labels, List.of(), OptionalLong.of(0), FakeHostal.CREATED);
        volumes.put(name, volume);
        return volume;
    }

    @Override public List<VolumeV1> list(Map<String, String> query) {
        return List.copyOf(volumes.values());
    }

    @Override public VolumeV1 create(CreateVolumeV1 body) throws IOException {
        var name = body.name().orElse("made-up");
        if (volumes.containsKey(name)) throw FakeHostal.refuse("NAME_IN_USE", "There is a volume named %s already."
                .formatted(name));
        return put(name, body.size(), false, Optional.empty(), body.labels());
    }

    @Override public VolumeV1 get(String ref) throws IOException {
        for (var volume : volumes.values()) {
            if (volume.name().equals(ref) || volume.id().equals(ref)) return volume;
        }
        throw FakeHostal.refuse("VOLUME_NOT_FOUND", "There is no volume %s.".formatted(ref));
    }

    @Override public OperationV1 delete(String ref) throws IOException {
        var volume = get(ref);
        if (!volume.users().isEmpty()) throw FakeHostal.refuse("IN_USE", "Volume %s is in use by %s.".formatted(ref,
                String.join(", ", volume.users())));
        volumes.remove(volume.name());
        return hostal.done("volume.delete", volume.id());
    }

    @Override public JsonObject prune(boolean all) {
        var names = List.copyOf(volumes.keySet());
        volumes.clear();
        return new JsonObject().putTexts("volumes", names).put("freed", 2048);
    }

    @Override public OperationV1 copy(String ref, String verb, CreateVolumeV1 body) throws IOException {
        var made = put(body.name().orElse("copy"), get(ref).size(), verb.equals("snapshot"), Optional.of(get(ref).name()),
                body.labels());
        return hostal.done("volume." + verb, made.id());
    }

    @Override public InputStream export(String ref) throws IOException {
        return new ByteArrayInputStream(contents.getOrDefault(get(ref).name(), new byte[0]));
    }

    @Override public void importTar(String ref, InputStream tar) throws IOException {
        contents.put(get(ref).name(), tar.readAllBytes());
    }
}
