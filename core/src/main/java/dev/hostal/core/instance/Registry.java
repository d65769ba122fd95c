package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The instances of this node and their names, those that are being created included. Any thread may ask.
public final class Registry {
    private final Map<InstanceId, InstanceOwner> owners = new ConcurrentHashMap<>();
    private final Map<InstanceName, InstanceId> names = new ConcurrentHashMap<>();
    private final int max;
    private volatile Consumer<InstanceId> onRemoved = _ -> {};

    public Registry(int max) {
        this.max = max;
    }

    /// Takes a name, before it is journalled.
    ///
    /// @throws Problem NAME_IN_USE, BUSY
    public void reserve(InstanceName name, InstanceId id) {
        if (names.size() >= max) throw new Problem(ErrorCode.BUSY,
                "There are %d instances already, the most that this node takes.\nMaybe delete some.".formatted(max));
        var holder = names.putIfAbsent(name, id);
        if (holder != null && !holder.equals(id)) throw inUse(name, holder);
    }

    /// Says early what [#reserve] would say.
    ///
    /// @throws Problem NAME_IN_USE
    void requireFree(InstanceName name) {
        var holder = names.get(name);
        if (holder != null) throw inUse(name, holder);
    }

    private static Problem inUse(InstanceName name, InstanceId holder) {
        return new Problem(ErrorCode.NAME_IN_USE, "The name %s is in use by instance %s.".formatted(name, holder.brief()));
    }

    public void release(InstanceName name, InstanceId id) {
        names.remove(name, id);
    }

    /// Who has a name, or is being created with it.
    public Optional<InstanceId> find(InstanceName name) {
        return Optional.ofNullable(names.get(name));
    }

    public boolean isTaken(InstanceName name) {
        return names.containsKey(name);
    }

    public boolean holds(InstanceName name, InstanceId id) {
        return id.equals(names.get(name));
    }

    public void add(InstanceOwner owner) {
        owners.put(owner.id(), owner);
    }

    /// Says who is told of each instance that is gone.
    public void onRemoved(Consumer<InstanceId> told) {
        onRemoved = told;
    }

    /// Whether there is such an instance, or it is being created.
    public boolean knows(InstanceId id) {
        return owners.containsKey(id) || names.containsValue(id);
    }

    public void remove(InstanceOwner owner) {
        owners.remove(owner.id());
        names.remove(owner.view().name(), owner.id());
        onRemoved.accept(owner.id());
    }

    public Collection<InstanceOwner> owners() {
        return owners.values();
    }

    /// In order of creation.
    public List<Instance> list() {
        return owners.values().stream().filter(owner -> !owner.isGone() && owner.isShown()).map(InstanceOwner::view)
                .sorted(Comparator.comparing(Instance::createdAt).thenComparing(instance -> instance.id().value()))
                .toList();
    }

    /// @throws Problem INSTANCE_NOT_FOUND
    public InstanceOwner get(InstanceId id) {
        var owner = owners.get(id);
        if (owner == null || owner.isGone()) throw notFound(id.brief(), "There is no instance %s.");
        return owner;
    }

    public Optional<InstanceOwner> find(InstanceId id) {
        return Optional.ofNullable(owners.get(id)).filter(owner -> !owner.isGone());
    }

    /// By name, by id, or by the beginning of an id that fits one instance only.
    ///
    /// @throws Problem INSTANCE_NOT_FOUND
    public InstanceOwner get(String nameOrId) {
        if (InstanceName.isName(nameOrId)) {
            var id = names.get(new InstanceName(nameOrId));
            var owner = id == null ? Optional.<InstanceOwner>empty() : find(id);
            if (owner.isPresent()) return owner.get();
        }
        if (nameOrId.isEmpty()) throw notFound(nameOrId, "There is no instance without a name.%s");
        var found = owners.values().stream().filter(owner -> owner.id().value().startsWith(nameOrId)).limit(2).toList();
        if (found.size() > 1) throw notFound(nameOrId, "More than one instance has an id that begins with %s.");
        if (found.isEmpty()) throw notFound(nameOrId, "There is no instance %s.");
        if (found.getFirst().isGone()) throw notFound(nameOrId, "There is no instance %s.");
        return found.getFirst();
    }

    /// Brief ids of all instances, those that are being created included.
    public Set<String> briefIds() {
        return names.values().stream().map(InstanceId::brief).collect(Collectors.toSet());
    }

    private static Problem notFound(String what, String sentence) {
        var shown = what.length() > InstanceName.LENGTH_MAX ? what.substring(0, InstanceName.LENGTH_MAX) + "…" : what;
        return new Problem(ErrorCode.INSTANCE_NOT_FOUND, sentence.formatted(shown));
    }
}
