package dev.hostal.container;

import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.model.NetworkSpec;
import dev.hostal.spi.MachineNic.Way;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What a container has of others that run: namespaces, found by a process of theirs. Source: docker run, `--network`,
/// `--pid` and `--ipc` with `container:`.
///
/// @param network the other's, of an agent
/// @param etc the other's `hosts`, `hostname` and `resolv.conf`, which go with its network
/// @param hostname the other's, which goes with its network
/// @param pid of a program whose namespace of processes is shared
/// @param ipc of a program whose namespace of their talk is shared
/// @param memory where the agent places the other's /dev/shm
record Shared(Optional<Path> network, Optional<Path> etc, Optional<String> hostname, Optional<Long> pid, Optional<Long> ipc,
        Optional<Path> memory) {
    static final Shared NOTHING = new Shared(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty());

    /// Who runs.
    interface Others {
        /// @throws IOException it does not run
        ContainerRecord record(InstanceId id) throws IOException;

        /// Its own program's number on the host.
        ///
        /// @throws IOException it does not run
        long pid(InstanceId id) throws IOException;
    }

    /// @param memory where the agent is to place a /dev/shm that is shared
    static Shared of(MachineSpec spec, ContainerFolders folders, Others others, Path memory) throws IOException {
        var pid = other(spec.confinement().pidNamespace());
        var ipc = other(spec.confinement().ipcNamespace());
        var joined = spec.nics().stream().flatMap(nic -> nic.way() instanceof Way.Joined(var id)
                ? Optional.of(id).stream() : Optional.<InstanceId>empty().stream()).findFirst();
        if (pid.isEmpty() && ipc.isEmpty() && joined.isEmpty()) return NOTHING;
        Optional<ContainerRecord> record = joined.isEmpty() ? Optional.empty() : Optional.of(others.record(joined.get()));
        var etc = record.map(one -> one.etcOf().orElse(one.id())).map(id -> folders.of(id.brief()).etc());
        return new Shared(record.map(one -> ContainerNics.network(one.agent().orElseThrow().process())), etc,
                record.map(ContainerRecord::hostname), pid.isEmpty() ? Optional.empty() : Optional.of(others.pid(pid.get())),
                ipc.isEmpty() ? Optional.empty() : Optional.of(others.pid(ipc.get())),
                ipc.map(_ -> memory));
    }

    private static Optional<InstanceId> other(Optional<String> word) {
        return word.filter(text -> text.startsWith(NetworkSpec.JOINED))
                .map(text -> new InstanceId(text.substring(NetworkSpec.JOINED.length())));
    }

    /// A member of `linux.namespaces`.
    JsonObject namespace(String type) {
        var json = new JsonObject().put("type", type);
        var of = switch (type) {
            case "pid" -> pid;
            case "ipc" -> ipc;
            default -> Optional.<Long>empty();
        };
        of.ifPresent(number -> json.put("path", "/proc/%d/ns/%s".formatted(number, type)));
        return json;
    }
}
