package dev.hostal.core.journal;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import java.time.Instant;
import java.util.Optional;

/// A volume's record as it stands in the journal, version 1. Frozen: a change gets a successor.
final class VolumeV1 {
    static final int VERSION = 1;

    private VolumeV1() {}

    static String toText(Volume volume) {
        return toJson(volume).put("v", VERSION).toText();
    }

    static JsonObject toJson(Volume volume) {
        var json = new JsonObject().put("id", volume.id().value()).put("name", volume.name().value());
        volume.size().ifPresent(size -> json.put("size", size.count()));
        return json.put("readOnly", volume.readOnly()).putIfPresent("source", volume.source().map(VolumeName::value))
                .putTexts("labels", volume.labels()).putIfPresent("maker", volume.maker().map(InstanceId::value))
                .put("leaves", volume.leaves()).put("createdAt", volume.createdAt().toString());
    }

    /// @throws JsonException a member is missing or of another type, or the version is not ours
    static Volume from(String text) {
        var json = JsonObject.parse(text);
        InstanceRecordV1.requireVersion(json, VERSION);
        return from(json);
    }

    static Volume from(JsonObject json) {
        Optional<Bytes> size = json.findInteger("size").map(Bytes::new);
        return new Volume(new VolumeId(json.text("id")), new VolumeName(json.text("name")), size, json.bool("readOnly"),
                json.findText("source").map(VolumeName::new), json.textMap("labels"),
                json.findText("maker").map(InstanceId::new), json.bool("leaves"), Instant.parse(json.text("createdAt")));
    }
}
