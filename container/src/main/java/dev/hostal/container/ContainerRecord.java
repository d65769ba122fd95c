package dev.hostal.container;

import dev.hostal.agent.GuestConfig;
import dev.hostal.agent.ProgramJson;
import dev.hostal.base.Bytes;
import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.ProcessId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// `container.json`: what the next daemon must know of a container; written before its agent starts, and again when it
/// has. Frozen: members are added, never re-meant.
///
/// @param runtime name of the OCI runtime
/// @param layers files of the image, which are mounted as long as this record is there
/// @param program what runs, kept because the daemon may die before the agent was told
/// @param agent empty until it was started
/// @param logSize how much of its output is kept, where somebody said so
/// @param nics that it was started with
record ContainerRecord(InstanceId id, Instant startedAt, String runtime, String hostname, List<Path> layers,
        ProgramSpec program, Optional<Agent> agent, List<MachineNic> nics, Optional<Bytes> logSize) {
    /// The agent's process.
    ///
    /// @param bootId of the host: after another boot the number means nothing
    record Agent(ProcessId process, String bootId) {}

    ContainerRecord {
        layers = List.copyOf(layers);
        nics = List.copyOf(nics);
    }

    ContainerRecord with(Agent started) {
        return new ContainerRecord(id, startedAt, runtime, hostname, layers, program, Optional.of(started), nics,
                logSize);
    }

    ContainerRecord with(List<MachineNic> others) {
        return new ContainerRecord(id, startedAt, runtime, hostname, layers, program, agent, others, logSize);
    }

    /// Whose `hosts` and `resolv.conf` it has, where they are another's.
    Optional<InstanceId> etcOf() {
        return nics.stream().flatMap(nic -> nic.way() instanceof MachineNic.Way.Joined(var other)
                ? Optional.of(other).stream() : Optional.<InstanceId>empty().stream()).findFirst();
    }

    GuestConfig config() {
        return new GuestConfig(hostname, layers.size(), nics.stream()
                .filter(nic -> nic.way() instanceof MachineNic.Way.Bridge || nic.way() instanceof MachineNic.Way.Parent)
                .map(nic -> new GuestConfig.Nic(nic.mac(), nic.addresses(), nic.gateways(), nic.dns())).toList(),
                Optional.of(program));
    }

    void write(Path file) throws IOException {
        JsonFile.write(file, toJson());
    }

    /// Empty where there is none.
    ///
    /// @throws IOException there is one that cannot be understood
    static Optional<ContainerRecord> read(Path file) throws IOException {
        return JsonFile.read(file, ContainerRecord::from);
    }

    JsonObject toJson() {
        var json = new JsonObject().put("version", 1).put("id", id.value()).put("startedAt", startedAt.toString())
                .put("runtime", runtime).put("hostname", hostname)
                .putTexts("layers", layers.stream().map(Path::toString).toList()).put("program", ProgramJson.of(program))
                .putObjects("nics", nics.stream().map(NicJson::toJson).toList());
        logSize.ifPresent(size -> json.put("logSize", size.count()));
        agent.ifPresent(one -> json.put("agent", new JsonObject().put("pid", one.process().pid())
                .put("startTicks", one.process().startTicks()).put("bootId", one.bootId())));
        return json;
    }

    static ContainerRecord from(JsonObject json) {
        var agent = json.findObject("agent").map(one -> new Agent(
                new ProcessId(one.integer("pid"), one.integer("startTicks")), one.text("bootId")));
        return new ContainerRecord(new InstanceId(json.text("id")), Instant.parse(json.text("startedAt")),
                json.text("runtime"), json.text("hostname"), json.texts("layers").stream().map(Path::of).toList(),
                ProgramJson.parse(json.object("program")), agent,
                json.objects("nics").stream().map(NicJson::from).toList(),
                json.findInteger("logSize").map(Bytes::new));
    }
}
