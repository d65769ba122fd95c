package dev.hostal.daemon.http;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.api.VolumeV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Volumes;
import dev.hostal.core.Volumes.View;
import dev.hostal.core.Volumes.Wanted;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `/v1/volumes`.
final class VolumeRoutes {
    /// How long an archive may take. Chosen.
    private static final Duration TRANSFER_MAX = Duration.ofHours(6);
    /// How long a client may be silent in the middle of its archive. Chosen: it may be reading from a tape.
    private static final long SILENT_MILLIS_MAX = 600_000;

    private final EngineSource engines;

    VolumeRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("volumes", this::list, "volumeCreate", this::create, "volume", this::show,
                "volumeDelete", this::delete, "volumePrune", this::prune, "volumeSnapshot", call -> copy(call, true),
                "volumeClone", call -> copy(call, false), "volumeExport", this::export, "volumeImport", this::importTar);
    }

    private void list(Call call) throws IOException, InterruptedException {
        var label = call.query().text("label");
        call.json(new JsonObject().putObjects("volumes", volumes().list().stream()
                .filter(view -> label.isEmpty() || fits(view.volume(), label.get()))
                .map(view -> toWire(view).toJson()).toList()));
    }

    private static boolean fits(Volume volume, String label) {
        int equals = label.indexOf('=');
        return equals < 0 ? volume.labels().containsKey(label)
                : label.substring(equals + 1).equals(volume.labels().get(label.substring(0, equals)));
    }

    private void create(Call call) throws IOException, InterruptedException {
        call.json(toWire(volumes().create(wanted(call))).toJson());
    }

    private void show(Call call) throws IOException, InterruptedException {
        call.json(toWire(volumes().get(call.value("volume"))).toJson());
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        call.operation(ToWire.operation(volumes().delete(call.value("volume"))));
    }

    private void prune(Call call) throws IOException, InterruptedException {
        call.noBody();
        var pruned = volumes().prune(call.query().flag("all"));
        call.json(new JsonObject().putTexts("volumes", pruned.names().stream().map(VolumeName::value).toList())
                .put("freed", pruned.freed().count()));
    }

    private void copy(Call call, boolean readOnly) throws IOException, InterruptedException {
        call.operation(ToWire.operation(volumes().copy(call.value("volume"), wanted(call), readOnly)));
    }

    private void export(Call call) throws IOException, InterruptedException {
        var volume = volumes().get(call.value("volume")).volume();
        try (var out = new StreamReply(call, volume.isBlock() ? "application/octet-stream" : "application/x-tar")) {
            volumes().export(volume.id().value(), out, Deadline.in(TRANSFER_MAX));
            out.end();
        }
    }

    private void importTar(Call call) throws IOException, InterruptedException {
        call.idle(SILENT_MILLIS_MAX);
        volumes().importTar(call.value("volume"), call.bytes("application/x-tar", "application/octet-stream"),
                Deadline.in(TRANSFER_MAX));
        call.nothing();
    }

    private Volumes volumes() throws IOException, InterruptedException {
        return engines.get().volumes();
    }

    private static Wanted wanted(Call call) throws IOException {
        var body = CreateVolumeV1.from(call.body());
        Optional<Bytes> size = body.size().isEmpty() ? Optional.empty() : Optional.of(size(body.size().getAsLong()));
        if (body.labels().size() > Volume.LABELS_MAX) throw Problem.badMember("labels",
                "%d labels are more than %d.".formatted(body.labels().size(), Volume.LABELS_MAX));
        try {
            return new Wanted(body.name().map(VolumeName::new), size, body.labels());
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("name", "name: %s.".formatted(e.getMessage()));
        }
    }

    private static Bytes size(long count) {
        if (count < Volume.SIZE_MIN.count() || count > Volume.SIZE_MAX.count()) throw Problem.badMember("size",
                "size: %d is not from %s to %s.".formatted(count, Volume.SIZE_MIN, Volume.SIZE_MAX));
        return new Bytes(count);
    }

    private static VolumeV1 toWire(View view) {
        var volume = view.volume();
        return new VolumeV1(volume.id().value(), volume.name().value(), volume.isBlock() ? "block" : "files",
                count(volume.size()), volume.readOnly(), volume.source().map(VolumeName::value), volume.labels(),
                view.users(), count(view.used()), volume.createdAt().toString());
    }

    private static OptionalLong count(Optional<Bytes> bytes) {
        return bytes.isPresent() ? OptionalLong.of(bytes.get().count()) : OptionalLong.empty();
    }
}
