package dev.hostal.daemon.http;

import dev.hostal.api.CourseV1;
import dev.hostal.api.EventV1;
import dev.hostal.api.ImageDetailsV1;
import dev.hostal.api.ImageV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.ProbeV1;
import dev.hostal.api.StatsV1;
import dev.hostal.core.Events;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Course;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.Origin;
import dev.hostal.model.Phase;
import dev.hostal.model.SnapshotId;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.Probe;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// From the domain to the wire of `/v1`.
final class ToWire {
    private ToWire() {}

    static InstanceV1 instance(Instance instance) {
        var spec = instance.spec();
        var process = spec.process();
        Optional<String> reason = instance.phase() instanceof Phase.Failed(var why) ? Optional.of(why) : Optional.empty();
        var exit = instance.phase() instanceof Phase.Stopped(var status) && status.isPresent()
                ? OptionalInt.of(status.get().code()) : OptionalInt.empty();
        return new InstanceV1(instance.id().value(), spec.name().value(), spec.kind().word(), spec.image().familiar(),
                instance.imageDigest(), instance.arch().word(), spec.cpus(), spec.memory().count(),
                spec.diskSize().count(), spec.boot().word(), process.command(), process.tty(), process.stdin(),
                spec.autoRemove(), spec.hostname().orElseGet(spec.name()::hostname), spec.labels(),
                instance.phase().word(), reason, exit, instance.createdAt().toString(),
                instance.startedAt().map(Instant::toString), instance.finishedAt().map(Instant::toString),
                instance.addresses(), instance.accelerator(), spec.limits(), spec.confinement(), spec.care(),
                spec.mounts(), course(instance.course()), instance.origin().map(origin -> origin.instance().value()),
                instance.origin().flatMap(Origin::snapshot).map(SnapshotId::value));
    }

    private static CourseV1 course(Course course) {
        return new CourseV1(course.restarts(), course.due().map(Instant::toString), course.outOfMemory(), course.health());
    }

    static OperationV1 operation(Operation operation) {
        return new OperationV1(operation.id(), operation.verb(), operation.target(),
                operation.status().name().toLowerCase(Locale.ROOT), operation.stage(), operation.done(),
                operation.total(), operation.problem().map(Failures::body), operation.createdAt().toString(),
                operation.endedAt().map(Instant::toString), operation.results(),
                operation.parts().stream().map(part -> new OperationV1.PartV1(part.name(), part.stage(), part.done(),
                        part.total())).toList());
    }

    static EventV1 event(Events.Event event) {
        return new EventV1(event.sequence(), event.time().toString(), event.type(), event.subject(), event.attributes());
    }

    static ImageV1 image(Images.Image image) {
        return new ImageV1(image.digest(), image.references().stream().map(ImageReference::familiar).toList(),
                image.arch().word(), image.size().count(), image.createdAt().toString(), image.source());
    }

    static ImageDetailsV1 details(Images.Details details, List<String> platforms) {
        return new ImageDetailsV1(image(details.image()), platforms,
                details.layers().stream().map(layer -> new ImageDetailsV1.Layer(layer.digest(), layer.diffId(),
                        layer.mediaType(), layer.size().count())).toList(),
                details.history().stream().map(step -> new ImageDetailsV1.Step(step.createdAt().map(Instant::toString),
                        step.createdBy(), Optional.of(step.comment()).filter(text -> !text.isEmpty()),
                        step.size().count())).toList(),
                JsonObject.parse(details.manifest()), JsonObject.parse(details.config()));
    }

    static ProbeV1 probe(Probe probe) {
        return new ProbeV1(probe.name(), probe.works(), probe.required(), probe.reason(), probe.remedy());
    }

    static StatsV1 stats(Instance instance, MachineStats stats) {
        return new StatsV1(instance.id().value(), instance.name().value(), stats.cpu().toNanos(),
                stats.memory().count(), stats.memoryLimit().count(), stats.processes(), stats.diskRead().count(),
                stats.diskWritten().count(), stats.netReceived().count(), stats.netSent().count());
    }
}
