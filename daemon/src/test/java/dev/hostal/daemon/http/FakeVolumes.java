package dev.hostal.daemon.http;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.core.Volumes;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// Volumes of which everything is known at once.
final class FakeVolumes implements Volumes {
    private final Map<String, Volume> volumes = new TreeMap<>();
    private final BiFunction<String, String, Operation> operations;
    byte[] content = "files".getBytes();

    /// @param operations makes an operation of a verb and a target
    FakeVolumes(BiFunction<String, String, Operation> operations) {
        this.operations = operations;
    }

    private Volume put(Wanted wanted, Optional<Bytes> size, boolean readOnly, Optional<VolumeName> source) {
        var id = new VolumeId("%032x".formatted(volumes.size() + 1));
        var name = wanted.name().orElseGet(() -> new VolumeName(id.value()));
        if (volumes.containsKey(name.value())) throw new Problem(ErrorCode.NAME_IN_USE,
                "There is a volume named %s already.".formatted(name));
        var volume = new Volume(id, name, size, readOnly, source, wanted.labels(), Optional.empty(), false, Instant.EPOCH);
        volumes.put(name.value(), volume);
        return volume;
    }

    private static View view(Volume volume) {
        var users = volume.name().value().equals("busy") ? List.of("box") : List.<String>of();
        return new View(volume, users, Optional.of(new Bytes(4096)));
    }

    @Override public View create(Wanted wanted) {
        return view(put(wanted, wanted.size(), false, Optional.empty()));
    }

    @Override public List<View> list() {
        return volumes.values().stream().map(FakeVolumes::view).toList();
    }

    @Override public View get(String nameOrId) {
        return volumes.values().stream().filter(volume -> volume.name().value().equals(nameOrId)
                || volume.id().value().equals(nameOrId)).findFirst().map(FakeVolumes::view)
                .orElseThrow(() -> new Problem(ErrorCode.VOLUME_NOT_FOUND, "There is no volume %s.".formatted(nameOrId)));
    }

    @Override public Operation delete(String nameOrId) {
        var view = get(nameOrId);
        if (!view.users().isEmpty()) throw new Problem(ErrorCode.IN_USE, "Volume %s is in use by box.".formatted(nameOrId));
        volumes.remove(view.volume().name().value());
        return operations.apply("volume.delete", view.volume().id().value());
    }

    @Override public Pruned prune(boolean all) {
        var names = volumes.values().stream().map(Volume::name).toList();
        volumes.clear();
        return new Pruned(names, Bytes.mib(1));
    }

    @Override public Operation copy(String nameOrId, Wanted wanted, boolean readOnly) {
        var source = get(nameOrId).volume();
        var made = put(wanted, source.size(), readOnly, Optional.of(source.name()));
        return operations.apply(readOnly ? "volume.snapshot" : "volume.clone", made.id().value());
    }

    @Override public void export(String nameOrId, OutputStream out, Deadline deadline) throws IOException {
        out.write(content);
    }

    @Override public void importTar(String nameOrId, InputStream tar, Deadline deadline) throws IOException {
        content = tar.readAllBytes();
    }
}
