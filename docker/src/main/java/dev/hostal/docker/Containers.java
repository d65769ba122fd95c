package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Network;
import dev.hostal.model.Volume;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Finds what requests name, and waits for what they ask for.
final class Containers {
    /// Longest wait for one operation. Chosen: an emulated guest may boot for minutes.
    private static final Duration WAIT_MAX = Duration.ofHours(2);

    /// An OCI runtime takes some 50 ms. Chosen.
    private static final Duration PROGRAM_MAX = Duration.ofSeconds(5);
    private static final Duration PROGRAM_LOOK = Duration.ofMillis(5);

    private final EngineAccess engines;
    private final Asked asked;
    private final String home;
    /// Images by the digest of their manifest: they never change.
    private final ConcurrentHashMap<String, Images.Image> images = new ConcurrentHashMap<>();

    Containers(EngineAccess engines, Asked asked, String home) {
        this.home = home;
        this.engines = engines;
        this.asked = asked;
    }

    Engine engine() throws InterruptedException {
        return engines.get();
    }

    Asked asked() {
        return asked;
    }

    Instance find(Exchange exchange) throws InterruptedException {
        return find(exchange.value("id"));
    }

    /// @param reference a name, with or without a slash before it, or (the beginning of) an id
    Instance find(String reference) throws InterruptedException {
        var name = reference.startsWith("/") ? reference.substring(1) : reference;
        try {
            return engines.get().get(name);
        } catch (Problem e) {
            throw e.code() == ErrorCode.INSTANCE_NOT_FOUND ? Refusal.notFound("container", reference) : Refusal.of(e);
        }
    }

    /// What the instance was made from, as far as it is still here.
    Optional<Images.Image> image(Instance instance) throws IOException, InterruptedException {
        var known = images.get(instance.imageDigest());
        if (known != null) return Optional.of(known);
        for (var image : engines.get().images()) {
            images.put(image.digest(), image);
        }
        return Optional.ofNullable(images.get(instance.imageDigest()));
    }

    /// The instance in Docker's words.
    ContainerJson json(Instance instance) throws IOException, InterruptedException {
        return json(instance, Listing.byName(engines.get()));
    }

    /// @param networks by name
    ContainerJson json(Instance instance, Map<String, Network> networks) throws IOException, InterruptedException {
        return new ContainerJson(instance, image(instance), Connections.of(instance, engines.get(), networks),
                asked.of(instance.id().value()), this::place);
    }

    /// Tells what the core does not: a word of Docker's, and what belongs to it.
    void tell(InstanceId id, String action, Map<String, String> attributes) throws InterruptedException {
        var all = new HashMap<>(attributes);
        all.put(EventWords.ACTION, action);
        // Who reads of it later may not find the container any more.
        engines.get().list().stream().filter(one -> one.id().equals(id)).findFirst().ifPresent(one -> {
            all.put("name", one.name().value());
            all.put("image", one.spec().image().familiar());
        });
        engines.get().events().publish(EventWords.ACTED, id.value(), all);
    }

    /// Tells how much was freed of something that no container is.
    void tellPruned(String what, long freed) throws InterruptedException {
        engines.get().events().publish(EventWords.PRUNED, what, Map.of("reclaimed", Long.toString(freed)));
    }

    /// Waits until its program is there, or has been: who starts a container asks for its number and its output next.
    void awaitProgram(InstanceId id) throws IOException, InterruptedException {
        var engine = engines.get();
        var deadline = Deadline.in(PROGRAM_MAX);
        while (!deadline.isPast() && !hasProgram(engine, id)) {
            var now = engine.list().stream().filter(one -> one.id().equals(id)).findFirst();
            if (now.isEmpty() || !ContainerState.of(now.get()).isRunning()) return;
            Thread.sleep(PROGRAM_LOOK);
        }
    }

    /// One that has ended meanwhile, and is removed at its end, has none that could be waited for.
    private static boolean hasProgram(Engine engine, InstanceId id) throws IOException {
        try {
            return engine.upkeep().running(id).pid().isPresent();
        } catch (Problem gone) {
            if (gone.code() != ErrorCode.INSTANCE_NOT_FOUND) throw gone;
            return true;
        }
    }

    /// What it has written, and its root as a whole.
    void putSizes(Instance instance, JsonObject json) throws IOException, InterruptedException {
        long written = engines.get().upkeep().written(instance.id()).map(Bytes::count).orElse(0L);
        json.put("SizeRw", written).put("SizeRootFs", written + image(instance).map(image -> image.size().count()).orElse(0L));
    }

    /// Where a volume lies on the host; empty where there is none of that name.
    private String place(String volume) {
        try {
            return place(engines.get().volumes().get(volume).volume());
        } catch (Problem | IOException _) {
            return "";
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    String place(Volume volume) {
        return "%s/volumes/%s/data".formatted(home, volume.id());
    }

    /// Waits until the operation has ended.
    ///
    /// @throws Problem why it failed
    void await(Operation operation) throws InterruptedException {
        var engine = engines.get();
        var deadline = Deadline.in(WAIT_MAX);
        var now = operation;
        while (!now.status().isFinal()) {
            if (deadline.isPast()) throw new Refusal(500, "%s takes longer than %s".formatted(now.verb(), WAIT_MAX));
            now = engine.operations().waitForChange(now, deadline);
        }
        if (now.status() != Operation.Status.SUCCEEDED) throw now.problem().orElseGet(() ->
                new Problem(ErrorCode.CANCELLED, "The operation was cancelled."));
    }
}
