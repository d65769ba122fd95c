package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies;
import dev.hostal.core.Operation;
import dev.hostal.core.journal.Request;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Answers for copies: takes their names, and asks the owner of their source for the rest.
public final class CopyDesk implements Copies {
    private final Node node;
    private final Creation creation;
    private final Groups groups;

    public CopyDesk(Node node, Creation creation) {
        this.node = node;
        this.creation = creation;
        this.groups = new Groups(node);
    }

    @Override public Operation clone(InstanceId source, Optional<SnapshotId> snapshot, CloneSpec spec) {
        return ask(source, new Request.Clone(creation.newId(), spec.name(), snapshot, spec.linked(),
                spec.sameIdentity()));
    }

    @Override public Operation flatten(InstanceId instance) {
        return node.registry().get(instance).ask(new Request.Flatten());
    }

    @Override public Operation fork(InstanceId source, List<InstanceName> names, boolean sameIdentity) {
        if (names.isEmpty() || names.size() > FORKS_MAX) throw Problem.badMember("names",
                "At once 1 to %d forks are made, not %d.".formatted(FORKS_MAX, names.size()));
        if (names.stream().distinct().count() < names.size()) throw Problem.badMember("names",
                "Two forks cannot have the same name.");
        var ids = new ArrayList<InstanceId>();
        // With the identity of its source, or addresses that are kept for it, it would have another NIC than what was begun.
        boolean like = !sameIdentity && names.stream().noneMatch(node.networks()::keepsFor);
        if (like) node.nextFork().claim(source).ifPresent(ids::add);
        while (ids.size() < names.size()) ids.add(creation.newId());
        var request = new Request.Fork(ids, names, sameIdentity);
        boolean asked = false;
        try {
            var operation = ask(source, request);
            asked = true;
            return operation;
        } finally {
            if (!asked) node.nextFork().settle(node, request);
        }
    }

    @Override public Operation forkGroup(List<InstanceId> sources, String suffix, boolean sameIdentity) {
        return groups.begin(sources, suffix, sameIdentity);
    }

    @Override public List<InstanceName> forkNames(InstanceId source, int count) {
        return free(source, number -> "-" + number).limit(count).toList();
    }

    @Override public InstanceName cloneName(InstanceId source) {
        return free(source, number -> number == 1 ? "-clone" : "-clone-" + number).findFirst().orElseThrow();
    }

    @Override public String groupSuffix(List<InstanceId> sources) {
        var stems = sources.stream().map(source -> node.registry().get(source).view().name()).toList();
        return numbers().mapToObj(String::valueOf).filter(number -> stems.stream().map(stem -> stem + "-" + number)
                .noneMatch(name -> InstanceName.isName(name) && node.registry().isTaken(new InstanceName(name))))
                .findFirst().orElseThrow();
    }

    private Stream<InstanceName> free(InstanceId source, IntFunction<String> suffix) {
        var stem = node.registry().get(source).view().name().value();
        return numbers().mapToObj(suffix).map(end -> new InstanceName(stem.substring(0, Math.min(stem.length(),
                InstanceName.LENGTH_MAX - end.length())) + end)).filter(name -> !node.registry().isTaken(name));
    }

    private static IntStream numbers() {
        return IntStream.iterate(1, number -> number + 1);
    }

    private Operation ask(InstanceId source, Request.OfInstance request) {
        var owner = node.registry().get(source);
        var names = Offspring.namesOf(request);
        var taken = new ArrayList<InstanceName>();
        boolean asked = false;
        try {
            names.forEach((name, id) -> {
                node.registry().reserve(name, id);
                taken.add(name);
            });
            var operation = owner.ask(request);
            asked = true;
            return operation;
        } catch (Problem problem) {
            // It may still be done: then the names are given back at its end.
            asked = problem.code() == ErrorCode.TIMED_OUT;
            throw problem;
        } finally {
            if (!asked) taken.forEach(name -> node.registry().release(name, names.get(name)));
        }
    }
}
