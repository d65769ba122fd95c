package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.instance.Node;
import dev.hostal.core.instance.Registry;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Jobs;
import dev.hostal.core.operation.OperationTable.Ending;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Images as operations, and the promise that an image that an instance needs is not deleted.
public final class ImageDesk {
    private static final int NAMES_SHOWN_MAX = 5;

    private final Node node;
    private final Registry registry;
    private final Jobs jobs;
    /// Held while an image is deleted, and while an instance that needs it comes into being.
    private final ReentrantLock use = new ReentrantLock();

    public ImageDesk(Node node, Registry registry) {
        this.node = node;
        this.registry = registry;
        this.jobs = new Jobs(node.journal(), node.log());
    }

    /// @throws Problem nothing was begun
    Operation pull(ImageReference reference, Arch arch, Optional<RegistryLogin> login) {
        return begin(new Request.PullImage(reference, arch), reference, login);
    }

    /// @throws Problem nothing was begun
    Operation push(PushSpec wanted) throws IOException {
        var source = wanted.source();
        var target = wanted.target();
        var arch = wanted.arch();
        node.exchange();
        if (!isHere(source, arch)) throw notFound(source);
        if (target.tag().isEmpty()) throw Problem.badMember("target",
                "%s has no tag, under which a registry could keep it.".formatted(target.familiar()));
        return begin(new Request.PushImage(source, target, arch, wanted.compression()), target, wanted.login());
    }

    private Operation begin(Request request, ImageReference target, Optional<RegistryLogin> login) {
        var task = node.operations().draft(request, target.toString());
        task.carry(login);
        node.journal().write(List.of(), List.of(Journal.put(task.record())));
        node.operations().publish(task);
        goOn(task);
        return task.picture();
    }

    /// Goes on with a pull or a push whose beginning is journalled: what was transferred counts.
    void goOn(Task task) {
        var name = task.request().verb() + "-" + task.record().target();
        inBackground(name, task, () -> {
            switch (task.request()) {
                case Request.PullImage(var reference, var arch) -> obtain(reference, arch, Pull.ALWAYS, task);
                case Request.PushImage request -> push(request, task);
                case Request.Create _, Request.OfInstance _, Request.OfVolume _, Request.ForkGroup _,
                     Request.DeletePool _ -> throw new IllegalStateException("images only");
            }
            end(node.operations().succeed(task));
        }, problem -> end(node.operations().fail(task, problem)));
    }

    private void push(Request.PushImage request, Task task) throws IOException, InterruptedException {
        node.exchange().push(new PushSpec(request.source(), request.target(), request.arch(), request.compression(),
                task.login()), task, Deadline.in(node.limits().prepareMax()));
        node.events().publish("image.pushed", request.target().toString(), Map.of("source", request.source().toString()));
        node.log().info("image.pushed", "image", request.source().familiar(), "target", request.target().familiar());
    }

    /// @throws Problem IMAGE_NOT_FOUND
    Images.Details details(ImageReference reference, Optional<Arch> arch) throws IOException {
        var details = node.images().details(reference, arch.orElse(node.arch()));
        if (details.isPresent() || arch.isPresent()) return details.orElseThrow(() -> notFound(reference));
        for (var other : Arch.values()) {
            details = node.images().details(reference, other);
            if (details.isPresent()) return details.get();
        }
        throw notFound(reference);
    }

    /// @throws Problem IMAGE_NOT_FOUND
    void tag(ImageReference source, ImageReference name) throws IOException {
        if (name.tag().isEmpty() || name.digest().isPresent()) throw Problem.badMember("name",
                "%s is no name with a tag: a digest cannot be given.".formatted(name.familiar()));
        var tagged = node.images().tag(source, name);
        if (tagged.isEmpty()) throw notFound(source);
        node.events().publish("image.tagged", name.toString(), Map.of("source", source.toString(),
                "digest", tagged.getFirst().digest()));
        node.log().info("image.tagged", "image", source.familiar(), "name", name.familiar());
    }

    /// Removes what no instance needs.
    Images.Pruned prune(boolean all) throws IOException {
        Images.Pruned pruned;
        use.lock();
        try {
            var inUse = registry.list().stream().map(Instance::imageDigest).collect(Collectors.toSet());
            pruned = node.images().prune(inUse, all);
        } finally {
            use.unlock();
        }
        for (var name : pruned.names()) {
            node.events().publish("image.deleted", name, Map.of());
        }
        node.log().info("image.pruned", "images", pruned.names().size(), "freed", pruned.freed());
        return pruned;
    }

    private boolean isHere(ImageReference reference, Optional<Arch> arch) throws IOException {
        if (arch.isPresent()) return node.images().find(reference, arch.get()).isPresent();
        for (var each : Arch.values()) {
            if (node.images().find(reference, each).isPresent()) return true;
        }
        return false;
    }

    /// @throws Problem IMAGE_NOT_FOUND and what else the image store has to say
    public Images.Image obtain(ImageReference reference, Arch arch, Pull pull, Task task)
            throws IOException, InterruptedException {
        var here = node.images().find(reference, arch);
        if (pull == Pull.NEVER) return here.orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "Image %s is not here for %s, and nothing was to be pulled."
                        .formatted(reference.familiar(), arch.word())));
        if (pull == Pull.MISSING && here.isPresent()) return here.get();
        var deadline = Deadline.in(node.limits().prepareMax());
        var image = node.images().obtain(reference, arch, pull == Pull.ALWAYS, task.login(), task, deadline);
        if (here.filter(image::equals).isEmpty()) {
            node.events().publish("image.pulled", reference.toString(),
                    Map.of("digest", image.digest(), "source", image.source()));
            node.log().info("image.pulled", "image", reference.familiar(), "arch", arch.word(),
                    "digest", image.digest(), "source", image.source());
        }
        return image;
    }

    /// Runs what makes an instance need the image, while nobody can delete it.
    ///
    /// @throws Problem IMAGE_NOT_FOUND: it was deleted a moment ago
    public void keep(Images.Image image, Runnable action) throws IOException, InterruptedException {
        use.lockInterruptibly();
        try {
            if (node.images().byDigest(image.digest()).isEmpty()) throw new Problem(ErrorCode.IMAGE_NOT_FOUND,
                    "The image %s was deleted meanwhile.".formatted(image.digest()));
            action.run();
        } finally {
            use.unlock();
        }
    }

    /// @throws Problem IMAGE_NOT_FOUND, IMAGE_IN_USE
    void delete(ImageReference reference) throws IOException {
        use.lock();
        try {
            var images = node.images().list().stream().filter(image -> image.references().contains(reference)).toList();
            if (images.isEmpty()) throw notFound(reference);
            // One that has other names loses this one only.
            var going = images.stream().filter(image -> image.references().size() == 1).map(Images.Image::digest)
                    .collect(Collectors.toSet());
            var users = registry.list().stream().filter(instance -> going.contains(instance.imageDigest())).toList();
            if (!users.isEmpty()) throw new Problem(ErrorCode.IMAGE_IN_USE,
                    "Image %s is in use by %s.\nMaybe delete %s first.".formatted(reference.familiar(), namesOf(users),
                            users.size() == 1 ? "it" : "them"));
            var inUse = registry.list().stream().map(Instance::imageDigest).collect(Collectors.toSet());
            if (!node.images().delete(reference, inUse)) throw notFound(reference);
        } finally {
            use.unlock();
        }
        node.events().publish("image.deleted", reference.toString(), Map.of());
        node.log().info("image.deleted", "image", reference.familiar());
    }

    /// Runs a job on a thread of its own, which a cancellation of its operation interrupts.
    public void inBackground(String name, Task task, Jobs.Job job, Jobs.Rescue rescue) {
        jobs.begin(name, task, job, rescue);
    }

    /// Leaves everything as it is: the next daemon goes on.
    void close() {
        jobs.close();
    }

    private void end(Ending ending) throws InterruptedException {
        node.journal().writeForSure(List.of(), ending.writes());
        node.operations().end(ending);
    }

    private static Problem notFound(ImageReference reference) {
        return new Problem(ErrorCode.IMAGE_NOT_FOUND, "Image %s is not here.".formatted(reference.familiar()));
    }

    private static String namesOf(List<Instance> instances) {
        var names = instances.stream().limit(NAMES_SHOWN_MAX).map(instance -> instance.name().value())
                .collect(Collectors.joining(", "));
        return instances.size() > NAMES_SHOWN_MAX ? names + " and others" : names;
    }
}
