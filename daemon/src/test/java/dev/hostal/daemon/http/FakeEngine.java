package dev.hostal.daemon.http;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Events;
import dev.hostal.core.Networks;
import dev.hostal.core.Operation;
import dev.hostal.core.Operations;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Phase;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.RegistryLogin;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Unpacking;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// An engine without machines: instances in memory, operations that end when they are told to, programs that
/// are [FakeProgram]s. What happens to it is counted, so that a test can see that nothing did.
final class FakeEngine implements Engine {
    final Map<InstanceId, Instance> instances = new ConcurrentHashMap<>();
    final List<InstanceId> order = new CopyOnWriteArrayList<>();
    final FakeOperations operations = new FakeOperations();
    final FakePoints points = new FakePoints(this);
    final FakeVolumes volumes = new FakeVolumes(operations::begin);
    final FakeEvents events = new FakeEvents();
    final AtomicInteger changes = new AtomicInteger();
    final AtomicInteger openPrograms = new AtomicInteger();
    final Map<InstanceId, byte[]> written = new ConcurrentHashMap<>();
    final FakeLogs logs = new FakeLogs();
    volatile byte[] files = new byte[0];
    private final Random random = new Random(7);

    /// An instance that is there and runs.
    Instance running(String name) {
        var spec = new InstanceSpec(new InstanceName(name), Kind.VM, ImageReference.parse("tiny"),
                Optional.empty(), 1, Bytes.mib(256), Bytes.gib(1), Boot.AUTO, ProcessSpec.OF_IMAGE,
                Optional.empty(), Map.of("team", "a"), false, Duration.ofSeconds(10));
        return put(spec, new Phase.Running());
    }

    private Instance put(InstanceSpec spec, Phase phase) {
        var instance = new Instance(InstanceId.random(random), spec, spec.arch().orElse(Arch.X86_64),
                "sha256:" + "0".repeat(64), phase, Instant.EPOCH, Optional.empty(), Optional.empty(),
                List.of("10.0.2.15"), Optional.of("tcg"));
        instances.put(instance.id(), instance);
        order.add(instance.id());
        return instance;
    }

    @Override public Operation create(InstanceSpec spec, Pull pull) {
        if (instances.values().stream().anyMatch(other -> other.name().equals(spec.name()))) {
            throw new Problem(ErrorCode.NAME_IN_USE, "The name %s is in use.".formatted(spec.name()));
        }
        changes.incrementAndGet();
        var instance = put(spec, new Phase.Stopped(Optional.empty()));
        events.publish("instance.created", instance.id().value());
        return operations.begin("instance.create", instance.id().value());
    }

    private Operation act(String verb, InstanceId id) {
        changes.incrementAndGet();
        return operations.begin("instance." + verb, id.value());
    }

    @Override public Operation start(InstanceId id) {
        instances.computeIfPresent(id, (_, instance) -> instance.in(new Phase.Running()));
        return act("start", id);
    }

    @Override public Operation stop(InstanceId id, Optional<Duration> timeout, Optional<String> signal) {
        return act("stop", id);
    }

    @Override public Operation kill(InstanceId id, String signal) {
        instances.computeIfPresent(id, (_, instance) -> instance.in(new Phase.Stopped(Optional.of(ExitStatus.KILLED))));
        return act("kill", id);
    }

    @Override public Operation restart(InstanceId id, Optional<Duration> timeout, Optional<String> signal) {
        return act("restart", id);
    }

    @Override public Operation pause(InstanceId id) {
        return act("pause", id);
    }

    @Override public Operation suspend(InstanceId id) {
        return act("suspend", id);
    }

    @Override public FakeVolumes volumes() {
        return volumes;
    }

    @Override public FakePoints snapshots() {
        return points;
    }

    @Override public FakePoints copies() {
        return points;
    }

    @Override public FakePoints pools() {
        return points;
    }

    @Override public Operation resume(InstanceId id) {
        return act("resume", id);
    }

    @Override public Operation delete(InstanceId id, boolean force) {
        if (!force && instances.get(id).phase() instanceof Phase.Running) {
            throw new Problem(ErrorCode.WRONG_PHASE, "It runs.\nMaybe stop it first.");
        }
        instances.remove(id);
        order.remove(id);
        return act("delete", id);
    }

    @Override public Instance rename(InstanceId id, InstanceName name) {
        changes.incrementAndGet();
        var old = instances.get(id);
        var renamed = new Instance(id, old.spec().named(name), old.arch(), old.imageDigest(), old.phase(), old.createdAt(),
                old.startedAt(), old.finishedAt(), old.addresses(), old.accelerator());
        instances.put(id, renamed);
        return renamed;
    }

    @Override public Instance get(String nameOrId) {
        return instances.values().stream()
                .filter(instance -> instance.name().value().equals(nameOrId) || instance.id().value().startsWith(nameOrId))
                .findFirst().orElseThrow(() -> new Problem(ErrorCode.INSTANCE_NOT_FOUND,
                        "There is no instance '%s'.".formatted(nameOrId)));
    }

    @Override public List<Instance> list() {
        return order.stream().map(instances::get).filter(Objects::nonNull).toList();
    }

    @Override public Optional<ExitStatus> waitForExit(InstanceId id, Deadline deadline) throws InterruptedException {
        while (!deadline.isPast()) {
            if (instances.get(id).phase() instanceof Phase.Stopped(var exit)) return exit;
            Thread.sleep(10);
        }
        return Optional.empty();
    }

    @Override public GuestProcess attach(InstanceId id, Deadline deadline) {
        return new FakeProgram(List.of("cat"), openPrograms);
    }

    @Override public void expectExec(InstanceId id) {}

    @Override public GuestProcess exec(InstanceId id, ProcessSpec process, Optional<TerminalSize> size, Deadline deadline)
            throws IOException {
        if (process.command().getFirst().equals("unopenable")) throw new IOException("the agent does not answer");
        return new FakeProgram(process.command(), openPrograms);
    }

    @Override public InputStream readTar(InstanceId id, String path, Deadline deadline) {
        if (path.equals("/missing")) throw new Problem(ErrorCode.NOT_FOUND, "There is no /missing in the guest.");
        if (!path.equals("/torn")) return new ByteArrayInputStream(files);
        return new InputStream() {
            private int given;

            @Override public int read() throws IOException {
                if (given++ < 100_000) return 'x';
                throw new IOException("the guest could not read all of it");
            }
        };
    }

    @Override public OutputStream writeTar(InstanceId id, Unpacking unpacking, Deadline deadline) {
        if (unpacking.folder().equals("/missing")) {
            throw new Problem(ErrorCode.NOT_FOUND, "There is no folder /missing in the guest.");
        }
        return new ByteArrayOutputStream() {
            @Override public void close() {
                changes.incrementAndGet();
                written.put(id, toByteArray());
            }
        };
    }

    @Override public ByteChannel console(InstanceId id) throws IOException {
        return EchoChannel.open();
    }

    @Override public ByteChannel connect(InstanceId id, int port, Deadline deadline) throws IOException {
        return EchoChannel.open();
    }

    @Override public MachineLogs logs(InstanceId id) {
        return logs;
    }

    @Override public MachineStats stats(InstanceId id) {
        return new MachineStats(Duration.ofSeconds(3), Bytes.mib(100), Bytes.mib(256), 4, Bytes.ZERO, Bytes.ZERO,
                Bytes.ZERO, Bytes.ZERO);
    }

    @Override public List<Images.Image> images() {
        return List.of(new Images.Image("sha256:" + "1".repeat(64), List.of(ImageReference.parse("debian:12")), Arch.X86_64,
                Bytes.mib(57), Instant.EPOCH, "packages",
                new Images.Program(List.of(), List.of("sh"), List.of(), "", "/", "TERM"), false, Map.of()));
    }

    @Override public Operation pullImage(ImageReference reference, Optional<Arch> arch, Optional<RegistryLogin> login) {
        changes.incrementAndGet();
        return operations.begin("image.pull", reference.familiar());
    }

    @Override public Images.Details image(ImageReference reference, Optional<Arch> arch) {
        requireHere(reference);
        var image = images().getFirst();
        return new Images.Details(image, "{\"schemaVersion\":2}", "{\"os\":\"linux\"}",
                List.of(new Images.Layer(image.digest(), image.digest(), "application/x-layer", Bytes.mib(57))),
                List.of(new Images.Step(Optional.of(Instant.EPOCH), "mmdebstrap", "", Bytes.mib(57))));
    }

    @Override public void tagImage(ImageReference source, ImageReference name) {
        requireHere(source);
        changes.incrementAndGet();
    }

    @Override public void checkLogin(RegistryLogin login) {
        if (login.secret().equals("wrong")) throw new Problem(ErrorCode.REGISTRY_FAILED, "The login was not taken.");
        changes.incrementAndGet();
    }

    @Override public Operation pushImage(PushSpec wanted) {
        requireHere(wanted.source());
        changes.incrementAndGet();
        return operations.begin("image.push", wanted.target().familiar());
    }

    @Override public void saveImages(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form,
            Compression compression, OutputStream out, Deadline deadline) throws IOException {
        references.forEach(FakeEngine::requireHere);
        out.write((form + " " + references).getBytes(StandardCharsets.UTF_8));
    }

    @Override public List<Images.Image> loadImages(InputStream archive, Optional<ImageReference> name, Deadline deadline)
            throws IOException {
        var content = new String(archive.readAllBytes(), StandardCharsets.UTF_8);
        if (content.contains("bad")) throw new Problem(ErrorCode.BAD_ARCHIVE, "The archive was not loaded: it is bad.");
        changes.incrementAndGet();
        return images();
    }

    @Override public Images.Image importImage(InputStream tar, ImageReference name, Optional<Arch> arch,
            Images.Program program, Deadline deadline) throws IOException {
        tar.readAllBytes();
        changes.incrementAndGet();
        return images().getFirst();
    }

    @Override public Networks networks() {
        throw new UnsupportedOperationException();
    }

    @Override public Images.Pruned pruneImages(boolean all) {
        changes.incrementAndGet();
        return new Images.Pruned(all ? List.of("debian:12") : List.of(), Bytes.mib(57));
    }

    private static void requireHere(ImageReference reference) {
        if (!reference.familiar().equals("debian:12")) {
            throw new Problem(ErrorCode.IMAGE_NOT_FOUND, "There is no image %s.".formatted(reference.familiar()));
        }
    }

    @Override public void deleteImage(ImageReference reference) {
        requireHere(reference);
        changes.incrementAndGet();
    }

    @Override public Operations operations() {
        return operations;
    }

    @Override public Events events() {
        return events;
    }

    @Override public List<Probe> probes() {
        return List.of(new Probe("kvm", false, false, "a 64-bit stub hung", "nothing: emulation is used"));
    }

    @Override public void close() {}
}
