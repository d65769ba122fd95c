package dev.hostal.core.journal;

import dev.hostal.json.JsonObject;
import dev.hostal.model.DiskId;
import dev.hostal.model.VolumeId;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Disks of volumes as they stand in the journal, version 1. Frozen.
final class HeadsV1 {
    static final int VERSION = 1;
    private static final String MEMBER = "volumes";

    private HeadsV1() {}

    static Map<String, String> texts(Map<VolumeId, DiskId> disks) {
        var texts = new TreeMap<String, String>();
        disks.forEach((volume, disk) -> texts.put(volume.value(), disk.value()));
        return texts;
    }

    /// Where the member is missing there are none.
    static Map<VolumeId, DiskId> in(JsonObject json) {
        var disks = new HashMap<VolumeId, DiskId>();
        if (json.has(MEMBER)) json.textMap(MEMBER).forEach((volume, disk) -> disks.put(new VolumeId(volume), new DiskId(disk)));
        return disks;
    }

    static String toText(HeadRecord head) {
        return new JsonObject().put("v", VERSION).put("volume", head.volume().value()).put("disk", head.disk().value()).toText();
    }

    static HeadRecord from(String text) {
        var json = JsonObject.parse(text);
        InstanceRecordV1.requireVersion(json, VERSION);
        return new HeadRecord(new VolumeId(json.text("volume")), new DiskId(json.text("disk")));
    }
}
