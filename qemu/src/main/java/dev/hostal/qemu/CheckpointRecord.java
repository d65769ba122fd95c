package dev.hostal.qemu;

import dev.hostal.agent.GuestConfig;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `checkpoint.json`: what a checkpoint goes with. Frozen: members are added, never re-meant.
///
/// @param disk what its guest had written until then
/// @param config identity of its guest, and the network that it knows
/// @param bootId of the guest's boot, which goes on: see `docs/reference/agent-protocol.md`; empty where unknown
/// @param hostBootId of the host: after another boot only what was flushed is whole
/// @param devices digest of the devices' state; empty: an older version has not kept it
/// @param qemu version of the program that wrote the devices' state
record CheckpointRecord(CheckpointId id, DiskId disk, Hardware hardware, GuestConfig config, String bootId,
        String hostBootId, String devices, String qemu) {
    void write(Path file) throws IOException {
        Files.writeString(file, new JsonObject().put("version", 1).put("id", id.value()).put("disk", disk.value())
                .put("hardware", hardware.toJson()).put("config", MachineRecord.toJson(config))
                .put("bootId", bootId).put("hostBootId", hostBootId)
                .put("devicesDigest", devices).put("qemu", qemu).toPrettyText());
    }

    /// @throws Problem DISK_DAMAGED there is none that can be understood
    static CheckpointRecord read(CheckpointId id, Path file) {
        try {
            var json = JsonObject.parse(Files.readString(file));
            return new CheckpointRecord(new CheckpointId(json.text("id")), new DiskId(json.text("disk")),
                    Hardware.from(json.object("hardware")), MachineRecord.config(json.object("config")),
                    json.text("bootId"), json.text("hostBootId"),
                    json.has("devicesDigest") ? json.text("devicesDigest") : "", json.text("qemu"));
        } catch (IOException | JsonException | IllegalArgumentException e) {
            throw new Problem(ErrorCode.DISK_DAMAGED,
                    "The checkpoint %s cannot be used: %s is missing or damaged.".formatted(id, file), e);
        }
    }
}
