package dev.hostal.qemu;

import dev.hostal.agent.GuestConfig;
import dev.hostal.agent.ProgramJson;
import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `machine.json`: what the next daemon must know of a machine, written before it starts. Frozen: members are
/// added, never re-meant.
///
/// @param config what its guest is told, kept because the daemon may die before it was told
/// @param hardware empty in files of older versions
/// @param moment what it went on from
/// @param taps interfaces of the host that go with it
/// @param plugged its NICs; empty in files of older versions, whose machines have no ports for others
record MachineRecord(InstanceId id, Instant startedAt, Accelerator accelerator, GuestConfig config,
        Optional<Hardware> hardware, MachineSpec.Moment moment, List<String> taps, Optional<List<Plugged>> plugged) {
    /// A NIC of QEMU's.
    ///
    /// @param end the host's side of it; empty in QEMU's user networking, or its port where it meets others there
    record Plugged(int place, String end, String mac) {
        private static final String SWITCHED = "switched/";

        static Plugged of(MachineNic nic) {
            var end = nic.way() instanceof MachineNic.Way.User(var port) ? port.map(key -> SWITCHED + key) : Taps.device(nic);
            return new Plugged(nic.place(), end.orElse(""), nic.mac());
        }

        boolean isUser() {
            return end.isEmpty() || end.startsWith(SWITCHED);
        }

        private static Plugged from(JsonObject json) {
            return new Plugged((int) json.integer("place", 0, NicDevices.NICS_MAX), json.text("end"), json.text("mac"));
        }

        private JsonObject toJson() {
            return new JsonObject().put("place", place).put("end", end).put("mac", mac);
        }
    }

    static MachineRecord of(MachineSpec spec, Instant startedAt, Accelerator accelerator) {
        return new MachineRecord(spec.id(), startedAt, accelerator, new GuestConfig(spec.hostname(),
                spec.root().layers().size(), spec.nics().stream().map(MachineRecord::nic).toList(), spec.program(),
                new GuestMounts(spec.mounts()).forGuest()), Optional.of(Hardware.of(spec, accelerator)), spec.moment(),
                Taps.names(spec.nics()), Optional.of(spec.nics().stream().map(Plugged::of).toList()));
    }

    MachineRecord withMoment(MachineSpec.Moment other) {
        return new MachineRecord(id, startedAt, accelerator, config, hardware, other, taps, plugged);
    }

    MachineRecord withTaps(List<String> others) {
        return new MachineRecord(id, startedAt, accelerator, config, hardware, moment, others, plugged);
    }

    /// The same machine with other NICs.
    MachineRecord with(List<MachineNic> nics) {
        return new MachineRecord(id, startedAt, accelerator, new GuestConfig(config.hostname(), config.layers(),
                nics.stream().map(MachineRecord::nic).toList(), config.program(), config.mounts()),
                hardware.map(known -> known.with(nics)), moment, Taps.names(nics),
                Optional.of(nics.stream().map(Plugged::of).toList()));
    }

    void write(Path file) throws IOException {
        JsonFile.write(file, toJson());
    }

    /// Empty where there is none.
    ///
    /// @throws IOException there is one that cannot be understood
    static Optional<MachineRecord> read(Path file) throws IOException {
        return JsonFile.read(file, MachineRecord::from);
    }

    JsonObject toJson() {
        var json = new JsonObject().put("version", 1).put("id", id.value())
                .put("startedAt", startedAt.toString()).put("accelerator", accelerator.word());
        put(json, config);
        if (!taps.isEmpty()) json.putTexts("taps", taps);
        plugged.ifPresent(all -> json.putObjects("plugged", all.stream().map(Plugged::toJson).toList()));
        hardware.ifPresent(known -> json.put("hardware", known.toJson()));
        moment.disk().ifPresent(disk -> json.put("disk", disk.value()));
        moment.checkpoint().ifPresent(checkpoint ->
                json.put("checkpoint", checkpoint.value()).put("renewed", moment.renewed()));
        return json;
    }

    static JsonObject toJson(GuestConfig config) {
        return put(new JsonObject(), config);
    }

    private static JsonObject put(JsonObject json, GuestConfig config) {
        json.put("hostname", config.hostname()).put("layers", config.layers())
                .putObjects("nics", config.nics().stream().map(MachineRecord::toJson).toList());
        config.program().ifPresent(program -> json.put("program", ProgramJson.of(program)));
        if (!config.mounts().isEmpty()) {
            json.putObjects("mounts", config.mounts().stream().map(MachineRecord::toJson).toList());
        }
        return json;
    }

    static GuestConfig config(JsonObject json) {
        return new GuestConfig(json.text("hostname"), (int) json.integer("layers", 0, GuestConfig.LAYERS_MAX),
                json.objects("nics").stream().map(MachineRecord::nic).toList(),
                json.findObject("program").map(ProgramJson::parse),
                json.objects("mounts").stream().map(MachineRecord::mount).toList());
    }

    static MachineRecord from(JsonObject json) {
        var moment = new MachineSpec.Moment(json.findText("disk").map(DiskId::new),
                json.findText("checkpoint").map(CheckpointId::new), json.bool("renewed", false));
        return new MachineRecord(new InstanceId(json.text("id")), Instant.parse(json.text("startedAt")),
                Accelerator.parse(json.text("accelerator")), config(json),
                json.findObject("hardware").map(Hardware::from), moment, json.texts("taps"),
                json.has("plugged") ? Optional.of(json.objects("plugged").stream().map(Plugged::from).toList())
                        : Optional.empty());
    }

    private static JsonObject toJson(GuestConfig.Nic nic) {
        var json = new JsonObject().put("mac", nic.mac()).putTexts("addresses", nic.addresses())
                .putTexts("gateways", nic.gateways()).putTexts("dnsServers", nic.dnsServers());
        return nic.search().isEmpty() ? json : json.putTexts("search", nic.search());
    }

    private static GuestConfig.Nic nic(MachineNic nic) {
        return new GuestConfig.Nic(nic.mac(), nic.addresses(), nic.gateways(), nic.dns(), nic.search());
    }

    private static GuestConfig.Nic nic(JsonObject json) {
        return new GuestConfig.Nic(json.text("mac"), json.texts("addresses"), json.texts("gateways"),
                json.texts("dnsServers"), json.texts("search"));
    }

    private static JsonObject toJson(GuestConfig.Mount mount) {
        return new JsonObject().put("kind", mount.kind().name().toLowerCase(Locale.ROOT)).put("source", mount.source())
                .put("target", mount.target()).put("readOnly", mount.readOnly()).put("filled", mount.filled())
                .put("exec", mount.exec()).put("options", mount.options());
    }

    private static GuestConfig.Mount mount(JsonObject json) {
        return new GuestConfig.Mount(GuestConfig.Kind.valueOf(json.text("kind").toUpperCase(Locale.ROOT)),
                json.text("source"), json.text("target"), json.bool("readOnly"), json.bool("filled"), json.bool("exec"),
                json.text("options"));
    }
}
