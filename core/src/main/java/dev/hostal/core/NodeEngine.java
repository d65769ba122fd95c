package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.build.BuildDesk;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.instance.Caretaker;
import dev.hostal.core.instance.CopyDesk;
import dev.hostal.core.instance.Creation;
import dev.hostal.core.instance.NetworkDesk;
import dev.hostal.core.instance.NextFork;
import dev.hostal.core.instance.NextRun;
import dev.hostal.core.instance.Node;
import dev.hostal.core.instance.PoolDesk;
import dev.hostal.core.instance.Recovery;
import dev.hostal.core.instance.Registry;
import dev.hostal.core.instance.Reserves;
import dev.hostal.core.instance.SnapshotDesk;
import dev.hostal.core.instance.Talk;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.network.NetworkTable;
import dev.hostal.core.operation.Errands;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.point.Points;
import dev.hostal.core.point.Tidying;
import dev.hostal.core.volume.Records;
import dev.hostal.core.volume.VolumeDesk;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.RegistryLogin;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Unpacking;
import dev.hostal.spi.VolumeDriver;
import dev.hostal.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The engine of one node: each request goes to the owner of its instance, and to nobody else.
public final class NodeEngine implements Engine {
    private final Node node;
    private final Registry registry;
    private final ImageDesk images;
    private final ImageTransfers transfers;
    private final Creation creation;
    private final Recovery recovery;
    private final SnapshotDesk snapshots;
    private final CopyDesk copies;
    private final PoolDesk pools;
    private final Networks networks;

    private NodeEngine(Node node, Registry registry, ImageDesk images, Creation creation, Recovery recovery) {
        this.node = node;
        this.registry = registry;
        this.images = images;
        this.transfers = new ImageTransfers(node);
        this.creation = creation;
        this.recovery = recovery;
        this.snapshots = new SnapshotDesk(node);
        this.copies = new CopyDesk(node, creation);
        this.pools = new PoolDesk(node);
        this.networks = new NetworkDesk(node);
    }

    /// Opens the engine on what the store remembers and the drivers find. It answers at once; running machines
    /// are adopted meanwhile.
    ///
    /// @param store closed by its owner, after the engine
    /// @param volumes keeps them
    /// @param arch of the host: what instances are that name no other
    /// @throws IOException the store cannot be read; nothing was changed
    public static NodeEngine open(Store store, List<? extends MachineDriver> drivers, Images images,
            VolumeDriver volumes, Arch arch, Limits limits, Clock clock, RandomGenerator random) throws IOException {
        return open(store, drivers, Optional.empty(), images, volumes, arch, limits, clock, random);
    }

    /// @param networks empty where this daemon cannot make any
    public static NodeEngine open(Store store, List<? extends MachineDriver> drivers, Optional<NetworkDriver> networks,
            Images images, VolumeDriver volumes, Arch arch, Limits limits, Clock clock,
            RandomGenerator random) throws IOException {
        var log = new StateLog();
        var journal = new Journal(store, log);
        var operations = new OperationTable(clock, random);
        var events = new EventLog(clock);
        var registry = new Registry(limits.instances());
        var points = new Points(random);
        var keeping = drivers.stream().filter(driver -> driver.pointsInTime().isPresent())
                .collect(Collectors.toMap(MachineDriver::kind, driver -> driver.pointsInTime().orElseThrow()));
        var tidying = Optional.of(keeping).filter(hosts -> !hosts.isEmpty())
                .map(hosts -> new Tidying(points, journal, log, hosts));
        var keeper = new VolumeDesk(new Records(journal, operations, events, log, clock, random, registry::list), volumes, points,
                tidying);
        var node = new Node(journal, operations, events,
                drivers.stream().collect(Collectors.toMap(MachineDriver::kind, Function.identity())), images, clock,
                limits, arch, new Semaphore(limits.startsAtOnce(), true), log, keeper, registry, points, tidying,
                new Errands(journal, operations, log),
                NetworkTable.open(journal, networks, clock, log), new Reserves(), new NextRun(),
                new NextFork());
        registry.onRemoved(id -> keeper.left(id, false));
        var desk = new ImageDesk(node, registry);
        var creation = new Creation(node, desk, registry, random);
        var recovery = new Recovery(node, registry, creation, desk::goOn);
        keeper.load();
        recovery.run();
        keeper.settle(registry::knows);
        return new NodeEngine(node, registry, desk, creation, recovery);
    }

    @Override public Kind defaultKind() {
        return node.drivers().containsKey(Kind.CONTAINER) ? Kind.CONTAINER : Kind.VM;
    }

    @Override public Operation create(InstanceSpec spec, Pull pull) {
        return create(spec, pull, Optional.empty());
    }

    @Override public Operation create(InstanceSpec spec, Pull pull, Optional<RegistryLogin> login) {
        return creation.begin(spec, pull, login, false);
    }

    @Override public Operation createToRun(InstanceSpec spec, Pull pull, Optional<RegistryLogin> login) {
        return creation.begin(spec, pull, login, true);
    }

    @Override public Operation start(InstanceId id) {
        return start(id, false);
    }

    @Override public Operation start(InstanceId id, boolean cold) {
        return registry.get(id).ask(new Request.Start(cold));
    }

    @Override public Upkeep upkeep() {
        return new Caretaker(node, registry);
    }

    @Override public Operation stop(InstanceId id, Optional<Duration> timeout, Optional<String> signal) {
        var owner = registry.get(id);
        return owner.ask(new Request.Stop(timeout(owner.view(), timeout), signal.map(NodeEngine::signal)));
    }

    @Override public Operation kill(InstanceId id, String signal) {
        return registry.get(id).ask(new Request.Kill(signal(signal)));
    }

    private static String signal(String text) {
        var name = text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
        if (!name.matches("[A-Z0-9+-]{1,16}")) throw Problem.badMember("signal",
                "'%s' is not a signal such as TERM or HUP.".formatted(text));
        return name.equals("9") ? "KILL" : name;
    }

    @Override public Operation restart(InstanceId id, Optional<Duration> timeout, Optional<String> signal) {
        var owner = registry.get(id);
        return owner.ask(new Request.Restart(timeout(owner.view(), timeout), signal.map(NodeEngine::signal)));
    }

    @Override public Operation pause(InstanceId id) {
        return registry.get(id).ask(new Request.Pause());
    }

    @Override public Operation resume(InstanceId id) {
        return registry.get(id).ask(new Request.Resume());
    }

    @Override public Operation delete(InstanceId id, boolean force) {
        return registry.get(id).ask(new Request.Delete(force));
    }

    @Override public Operation suspend(InstanceId id) {
        return registry.get(id).ask(new Request.Suspend());
    }

    @Override public Snapshots snapshots() {
        return snapshots;
    }

    @Override public Copies copies() {
        return copies;
    }

    @Override public Pools pools() {
        return pools;
    }

    @Override public Instance rename(InstanceId id, InstanceName name) {
        var owner = registry.get(id);
        var before = owner.view().name();
        if (before.equals(name)) return owner.view();
        registry.reserve(name, id);
        boolean renamed = false;
        try {
            var instance = owner.rename(name);
            renamed = true;
            return instance;
        } finally {
            registry.release(renamed ? before : name, id);
        }
    }

    @Override public Instance get(String nameOrId) {
        return registry.get(nameOrId).view();
    }

    @Override public List<Instance> list() {
        return registry.list();
    }

    @Override public Optional<ExitStatus> waitForExit(InstanceId id, Deadline deadline) throws InterruptedException {
        return registry.get(id).waitForExit(deadline);
    }

    @Override public GuestProcess attach(InstanceId id, Deadline deadline) throws IOException, InterruptedException {
        return talk(id).attach(deadline);
    }

    @Override public void expectExec(InstanceId id) {
        talk(id).expectExec();
    }

    @Override public GuestProcess exec(InstanceId id, ProcessSpec process, Optional<TerminalSize> size,
            Deadline deadline) throws IOException, InterruptedException {
        return talk(id).exec(process, size, deadline);
    }

    @Override public InputStream readTar(InstanceId id, String path, Deadline deadline)
            throws IOException, InterruptedException {
        return talk(id).readTar(path, deadline);
    }

    @Override public OutputStream writeTar(InstanceId id, Unpacking unpacking, Deadline deadline)
            throws IOException, InterruptedException {
        return talk(id).writeTar(unpacking, deadline);
    }

    @Override public ByteChannel console(InstanceId id) throws IOException {
        return talk(id).console();
    }

    @Override public ByteChannel connect(InstanceId id, int port, Deadline deadline)
            throws IOException, InterruptedException {
        if (port < 1 || port > 65535) throw Problem.badMember("port", "Port %d is not in 1..65535.".formatted(port));
        return talk(id).connect(port, deadline);
    }

    @Override public MachineLogs logs(InstanceId id) {
        return talk(id).logs();
    }

    @Override public MachineStats stats(InstanceId id) throws IOException {
        return talk(id).stats();
    }

    @Override public Networks networks() {
        return networks;
    }

    @Override public List<Images.Image> images() throws IOException {
        return node.images().list();
    }

    @Override public Operation pullImage(ImageReference reference, Optional<Arch> arch, Optional<RegistryLogin> login) {
        return images.pull(reference, arch.orElse(node.arch()), login);
    }

    @Override public void checkLogin(RegistryLogin login) throws IOException, InterruptedException {
        node.exchange().check(login, Deadline.in(node.limits().briefMax()));
    }

    @Override public List<ImageExchange.Found> searchImages(String registry, String term, int limit,
            Optional<RegistryLogin> login) throws IOException, InterruptedException {
        return node.exchange().search(registry, term, limit, login, Deadline.in(node.limits().briefMax()));
    }

    @Override public ImageExchange.Remote describeImage(ImageReference reference, Optional<RegistryLogin> login)
            throws IOException, InterruptedException {
        return node.exchange().describe(reference, login, Deadline.in(node.limits().briefMax()));
    }

    @Override public Images.Details image(ImageReference reference, Optional<Arch> arch) throws IOException {
        return images.details(reference, arch);
    }

    @Override public void tagImage(ImageReference source, ImageReference name) throws IOException {
        images.tag(source, name);
    }

    @Override public Operation pushImage(PushSpec wanted) throws IOException {
        return images.push(wanted);
    }

    @Override public void saveImages(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form,
            Compression compression, OutputStream out, Deadline deadline) throws IOException, InterruptedException {
        transfers.save(references, arch, form, compression, out, deadline);
    }

    @Override public List<Images.Image> loadImages(InputStream archive, Optional<ImageReference> name, Deadline deadline)
            throws IOException, InterruptedException {
        return transfers.load(archive, name, deadline);
    }

    @Override public Images.Image importImage(InputStream tar, ImageReference name, Optional<Arch> arch,
            Images.Program program, Deadline deadline) throws IOException, InterruptedException {
        return transfers.importRoot(tar, name, arch, program, deadline);
    }

    @Override public Builds builds() {
        return new BuildDesk(node);
    }

    @Override public Images.Pruned pruneImages(boolean all) throws IOException {
        return images.prune(all);
    }

    @Override public void deleteImage(ImageReference reference) throws IOException {
        images.delete(reference);
    }

    @Override public Volumes volumes() {
        return node.volumes();
    }

    @Override public OperationTable operations() {
        return node.operations();
    }

    @Override public Events events() {
        return node.events();
    }

    @Override public List<Probe> probes() throws IOException, InterruptedException {
        var probes = new ArrayList<Probe>();
        for (var driver : node.drivers().values()) {
            probes.addAll(driver.probes());
        }
        return probes;
    }

    /// Whether a machine waits for the next run.
    boolean isAhead() {
        return node.nextRun().isReady();
    }

    /// Whether the next fork is begun.
    boolean isForkAhead() {
        return node.nextFork().isReady();
    }

    @Override public void close() {
        // From here on nothing is journalled: the same as a crash, and the one path that start-up knows.
        node.journal().close();
        recovery.close();
        node.nextRun().close(node);
        node.nextFork().close(node);
        node.errands().close();
        images.close();
        node.volumes().close();
        registry.owners().forEach(owner -> owner.close());
        node.networks().close();
    }

    private Talk talk(InstanceId id) {
        return new Talk(node, registry.get(id));
    }

    private static Duration timeout(Instance instance, Optional<Duration> asked) {
        var timeout = asked.orElse(instance.spec().stopTimeout());
        if (timeout.isNegative() || timeout.compareTo(InstanceSpec.STOP_TIMEOUT_MAX) > 0) {
            throw Problem.badMember("timeout", "A timeout is from 0 to %d seconds, not %d."
                    .formatted(InstanceSpec.STOP_TIMEOUT_MAX.toSeconds(), timeout.toSeconds()));
        }
        return timeout;
    }
}
