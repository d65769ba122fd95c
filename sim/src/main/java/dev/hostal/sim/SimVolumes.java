package dev.hostal.sim;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.VolumeId;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumeDriver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// The volumes of a simulated host, as one daemon uses them: a volume is the archive that was put into it last.
public final class SimVolumes implements VolumeDriver {
    private static final int STEPS = 4;
    private static final Duration STEP = Duration.ofMillis(200);

    private final SimHost host;
    private final SimSession session;

    SimVolumes(SimHost host, SimSession session) {
        this.host = host;
        this.session = session;
    }

    @Override public void ensureFiles(VolumeId id) throws IOException {
        requireSpace();
        session.call("volumes.ensureFiles", () -> host.volumes().putIfAbsent(id, new byte[0]));
    }

    @Override public void ensureBlock(VolumeId id, Bytes size, Deadline deadline) throws IOException {
        requireSpace();
        session.call("volumes.ensureBlock", () -> {
            host.volumes().putIfAbsent(id, new byte[0]);
            host.diskTable().ensureRaw(place(id));
        });
    }

    @Override public void makeBlock(VolumeId id, Content content) throws IOException, InterruptedException {
        requireSpace();
        session.call("volumes.makeBlock", () -> host.volumes().putIfAbsent(id, new byte[0]));
        content.writeTo(place(id));
    }

    @Override public void export(VolumeId id, Content content, OutputStream out) throws IOException, InterruptedException {
        var copy = place(id).resolve("copy");
        content.writeTo(copy);
        out.write(host.diskTable().raw(copy).toString().getBytes(StandardCharsets.UTF_8));
        host.diskTable().removeRaw(copy);
    }

    @Override public void ensureAbsent(VolumeId id) throws IOException {
        session.call("volumes.ensureAbsent", () -> {
            host.volumes().remove(id);
            host.diskTable().removeRaw(place(id));
        });
    }

    /// Not counted: it is asked at some moment after the start, which would make the count of the others vary.
    @Override public Set<VolumeId> known() {
        session.unlessKilled(() -> {});
        return Set.copyOf(host.volumes().keySet());
    }

    @Override public Path place(VolumeId id) {
        return placeOf(id);
    }

    static Path placeOf(VolumeId id) {
        return Path.of("/simulated/volumes", id.value());
    }

    @Override public Bytes used(VolumeId id) {
        return new Bytes(host.volumes().getOrDefault(id, new byte[0]).length);
    }

    @Override public Copied copy(VolumeId source, VolumeId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        requireSpace();
        for (int step = 0; step < STEPS; step++) {
            progress.report("copying", step, STEPS);
            host.time().sleep(STEP);
        }
        session.call("volumes.copy", () -> {
            host.volumes().put(target, host.volumes().getOrDefault(source, new byte[0]));
            if (host.diskTable().hasRaw(place(source))) host.diskTable().putRaw(place(target), host.diskTable().raw(place(source)));
        });
        return Copied.WHOLE;
    }

    @Override public void export(VolumeId id, OutputStream out, Deadline deadline) throws IOException {
        out.write(session.call("volumes.export", () -> host.volumes().getOrDefault(id, new byte[0])));
    }

    @Override public void importTar(VolumeId id, InputStream tar, Deadline deadline) throws IOException {
        var content = tar.readAllBytes();
        requireSpace();
        session.call("volumes.import", () -> host.volumes().put(id, content));
    }

    /// Everything is there on a simulated host, but what is below `/missing`.
    @Override public void ensureSource(Path source, boolean create) throws IOException {
        session.call("volumes.source");
        if (source.startsWith("/missing") && !create) throw Problem.badMember("mounts",
                "There is no file or folder %s on this host to be mounted.".formatted(source));
    }

    @Override public List<Probe> probes() {
        return List.of();
    }

    private void requireSpace() {
        if (host.isDiskFull()) throw new Problem(ErrorCode.NO_SPACE, "There is no space for the volume.");
    }
}
