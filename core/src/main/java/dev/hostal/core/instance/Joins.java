package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What an instance has of other containers: `container:NAME` where a network or a namespace is named. Source: docker run,
/// `--network`, `--pid`, `--ipc`.
final class Joins {
    private static final List<String> OPEN = List.of("shareable", "host");

    private Joins() {}

    /// The same with ids in place of names, and with the host name of whose network it has.
    ///
    /// @throws Problem INSTANCE_NOT_FOUND, UNSUPPORTED
    static InstanceSpec named(InstanceSpec spec, Registry registry) {
        if (words(spec).findAny().isEmpty()) return spec;
        var nics = spec.nics().stream().map(nic -> isJoin(nic.network()) ? new Nic(word(nic.network(), registry), nic.mac(), nic.ipv4(),
                nic.ipv6(), nic.aliases(), nic.groups(), nic.options()) : nic).toList();
        var pid = spec.confinement().pidNamespace().map(word -> isJoin(word) ? word(word, registry) : word);
        var ipc = spec.confinement().ipcNamespace().map(word -> isJoin(word) ? word(word, registry) : word);
        if (spec.kind() == Kind.VM) throw new Problem(ErrorCode.UNSUPPORTED,
                "A virtual machine has a kernel of its own and shares no namespace with a container.");
        var hostname = nics.stream().filter(nic -> isJoin(nic.network())).findFirst()
                .map(nic -> Programs.hostname(registry.get(other(nic.network())).view().spec()));
        return spec.sharing(hostname.or(spec::hostname), spec.confinement().sharing(pid, ipc), nics);
    }

    /// @throws Problem INSTANCE_NOT_FOUND, WRONG_PHASE: whose namespaces it is to have does not run
    static void requireRunning(InstanceRecord record, Registry registry) {
        var spec = record.spec();
        words(spec).forEach(word -> {
            var other = registry.get(other(word)).view();
            if (!runs(other)) throw new Problem(ErrorCode.WRONG_PHASE,
                    "Instance %s is to be in the namespaces of instance %s, which does not run.\nMaybe start that first."
                            .formatted(spec.name(), other.name()));
        });
        spec.confinement().ipcNamespace().filter(Joins::isJoin).map(Joins::other).map(id -> registry.get(id).view())
                .filter(other -> other.spec().confinement().ipcNamespace().filter(OPEN::contains).isEmpty())
                .ifPresent(other -> {
                    throw new Problem(ErrorCode.WRONG_PHASE,
                            "Instance %s keeps its IPC for itself, so that %s cannot share it.\nMaybe make it with --ipc shareable."
                                    .formatted(other.name(), spec.name()));
                });
    }

    private static boolean runs(Instance instance) {
        return instance.phase() instanceof Phase.Running || instance.phase() instanceof Phase.Paused;
    }

    private static Stream<String> words(InstanceSpec spec) {
        return Stream.concat(spec.nics().stream().map(Nic::network), Stream.of(spec.confinement().pidNamespace(),
                spec.confinement().ipcNamespace()).flatMap(Optional::stream)).filter(Joins::isJoin);
    }

    private static boolean isJoin(String word) {
        return word.startsWith(NetworkSpec.JOINED);
    }

    private static String word(String word, Registry registry) {
        var other = registry.get(word.substring(NetworkSpec.JOINED.length())).view();
        if (other.spec().kind() == Kind.VM) throw new Problem(ErrorCode.UNSUPPORTED,
                "Instance %s is a virtual machine and has no namespaces that could be shared.".formatted(other.name()));
        return NetworkSpec.JOINED + other.id();
    }

    private static InstanceId other(String word) {
        return new InstanceId(word.substring(NetworkSpec.JOINED.length()));
    }
}
