package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.ImageDesk;
import dev.hostal.core.Operation;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Journal.Kept;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.OperationTable.Ending;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Phase;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// From a spec to an instance: its name is taken first, then its image is obtained, then its record written.
/// A creation that an earlier daemon did not end is gone on with.
public final class Creation {
    private final Node node;
    private final ImageDesk images;
    private final Registry registry;
    private final RandomGenerator random;

    public Creation(Node node, ImageDesk images, Registry registry, RandomGenerator random) {
        this.node = node;
        this.images = images;
        this.registry = registry;
        this.random = random;
    }

    /// @param runs it is started at once, and may go on from a checkpoint
    /// @throws Problem NAME_IN_USE, UNSUPPORTED: nothing was changed
    public Operation begin(InstanceSpec wanted, Pull pull, Optional<RegistryLogin> login, boolean runs) {
        node.driver(wanted.kind());
        var joined = Joins.named(wanted, registry);
        // One for which addresses are kept would not have them in a machine that waits.
        var ahead = runs && !node.networks().keepsFor(joined.name()) ? node.nextRun().claim(joined) : Optional.<NextRun.Waiting>empty();
        var id = ahead.map(NextRun.Waiting::id).orElseGet(this::newId);
        var spec = joined.hostname().filter(InstanceSpec.HOSTNAME_OF_ID::equals).isEmpty() ? joined
                : joined.sharing(Optional.of(id.brief()), joined.confinement(), joined.nics());
        boolean begun = false;
        try {
            registry.reserve(spec.name(), id);
            var task = node.operations().draft(new Request.Create(spec, pull), id.value());
            task.carry(login);
            node.journal().write(List.of(Journal.absent(spec.name())),
                    List.of(Journal.put(spec.name(), id), Journal.put(task.record())));
            node.operations().publish(task);
            begun = true;
            goOn(task);
            return task.picture();
        } finally {
            if (!begun) {
                registry.release(spec.name(), id);
                node.nextRun().giveUpSoon(node, id);
            }
        }
    }

    /// Goes on with a creation whose beginning is journalled and whose name is taken.
    public void goOn(Task task) {
        var request = (Request.Create) task.request();
        var id = new InstanceId(task.record().target());
        images.inBackground("create-" + request.spec().name(), task, () -> create(task, request, id),
                problem -> giveUp(task, request, id, problem));
    }

    private void create(Task task, Request.Create request, InstanceId id) throws IOException, InterruptedException {
        var wanted = request.spec();
        var arch = wanted.arch().orElse(node.arch());
        var image = images.obtain(wanted.image(), arch, request.pull(), task);
        requireArch(wanted, arch, image);
        var whole = node.images().disk(image.digest());
        if (whole.isPresent() && wanted.kind() == Kind.CONTAINER) throw new Problem(ErrorCode.UNSUPPORTED, """
                Image %s is a disk that a virtual machine boots from; no container can be made of it.
                Maybe run it with --vm.""".formatted(wanted.image().familiar()));
        boolean init = Programs.bootsInit(wanted, image);
        if (!init) Programs.main(wanted, image.program());
        var spec = node.volumes().claim(id, wanted, image.program().volumes());
        var record = new InstanceRecord(id, spec, arch, image.digest(), init, new Phase.Stopped(Optional.empty()),
                task.record().createdAt(), Optional.empty(), Optional.empty(), Optional.empty());
        var ahead = node.nextRun().keepFor(node, id, image, init).map(NextRun.Waiting::disk);
        var below = whole.map(each -> new ImageDisks(node).record(each));
        var disk = ahead.or(() -> below.map(each -> each.firstOver(node.points().newDisk(), spec.diskSize()))).or(() -> newDisk(spec));
        var placed = record.with(disk.map(each -> Past.of(each.id())).orElse(Past.NONE));
        var ending = node.operations().succeed(task);
        below.ifPresent(each -> node.points().hold(each.id()));
        try {
            if (whole.isPresent()) new ImageDisks(node).ensure(whole.get());
            images.keep(image, () -> write(placed, Stream.concat(below.stream(), disk.stream()).toList(), ending));
        } finally {
            below.ifPresent(each -> node.points().letGo(each.id()));
        }
        node.volumes().unclaim(id);
        node.events().publish("instance.created", id.value(),
                Map.of("name", spec.name().value(), "image", spec.image().familiar()));
        node.log().info("instance.created", "instance", spec.name(), "id", id.brief(), "image",
                spec.image().familiar());
        node.operations().end(ending);
    }

    /// @param disks with what they lie over
    private void write(InstanceRecord record, List<DiskRecord> disks, Ending ending) {
        var writes = new ArrayList<>(ending.writes());
        writes.add(Journal.put(record));
        writes.addAll(node.networks().machines().assign(record.id(), record.spec(),
                record.past().identity().orElse(record.id())));
        disks.stream().map(PointRecords::put).forEach(writes::add);
        long revision = node.journal().write(List.of(Journal.absent(record.id())), writes);
        var owner = new InstanceOwner(node, new Kept<>(record, revision), false, List.of(), registry::remove);
        disks.forEach(node.points()::show);
        owner.begin();
        registry.add(owner);
    }

    private void giveUp(Task task, Request.Create request, InstanceId id, Problem problem) throws InterruptedException {
        var ending = node.operations().fail(task, problem);
        var writes = new ArrayList<>(ending.writes());
        writes.add(Journal.delete(request.spec().name()));
        node.journal().writeForSure(List.of(), writes);
        node.nextRun().giveUp(node, id);
        node.networks().machines().forget(id);
        registry.release(request.spec().name(), id);
        node.volumes().unclaim(id);
        node.volumes().left(id, true);
        node.operations().end(ending);
    }

    private Optional<DiskRecord> newDisk(InstanceSpec spec) {
        return node.keepsTime(spec.kind()) && !node.adoptsDisks(spec.kind())
                ? Optional.of(DiskRecord.first(node.points().newDisk(), spec.kind(), spec.diskSize())) : Optional.empty();
    }

    InstanceId newId() {
        while (true) {
            InstanceId id;
            synchronized (random) {
                id = InstanceId.random(random);
            }
            // Folders, cgroups and sockets have the brief id: it must be unique, too.
            if (!registry.briefIds().contains(id.brief())) return id;
        }
    }

    private static void requireArch(InstanceSpec spec, Arch arch, Images.Image image) {
        if (image.arch() != arch) throw new Problem(ErrorCode.WRONG_ARCHITECTURE,
                "Image %s is for %s, not for %s.\nMaybe ask for --arch %s.".formatted(spec.image().familiar(),
                        image.arch().word(), arch.word(), image.arch().word()));
    }
}
