package dev.hostal.core.network;

import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.NicV1;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.Reservation;
import dev.hostal.model.SecurityGroup;
import dev.hostal.model.Subnet;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// How networks, NICs and published ports stand in the journal, version 1. Frozen: members are added, never re-meant.
final class NetworkRecords {
    private static final String NETWORKS = "/networks/";
    private static final String NICS = "/nics/";
    private static final String PORTS = "/ports/";
    private static final String GROUPS = "/security-groups/";

    /// @param made by a user, not because the first instance needed one
    /// @param reservations by name
    record NetworkRecord(NetworkSpec spec, Instant createdAt, boolean made, List<Reservation> reservations) {
        NetworkRecord {
            reservations = List.copyOf(reservations);
        }

        NetworkRecord(NetworkSpec spec, Instant createdAt, boolean made) {
            this(spec, createdAt, made, List.of());
        }

        Optional<Reservation> reservation(InstanceName name) {
            return reservations.stream().filter(one -> one.name().equals(name)).findFirst();
        }

        NetworkRecord with(Reservation reservation) {
            return keeping(Stream.concat(without(reservation.name()).reservations.stream(), Stream.of(reservation)));
        }

        NetworkRecord without(InstanceName name) {
            return keeping(reservations.stream().filter(one -> !one.name().equals(name)));
        }

        private NetworkRecord keeping(Stream<Reservation> all) {
            return new NetworkRecord(spec, createdAt, made, all.sorted(Comparator.comparing(one -> one.name().value())).toList());
        }
    }

    private NetworkRecords() {}

    static Write put(NetworkRecord record) {
        var spec = record.spec();
        var json = new JsonObject().put("v", 1).put("name", spec.name()).put("kind", spec.kind().word())
                .putIfPresent("ipv4", spec.ipv4().map(Subnet::toString))
                .putIfPresent("ipv6", spec.ipv6().map(Subnet::toString))
                .putIfPresent("range", spec.range().map(Subnet::toString)).putIfPresent("parent", spec.parent())
                .put("mtu", spec.mtu()).put("isolatedPorts", spec.isolatedPorts()).putTexts("labels", spec.labels())
                .put("createdAt", record.createdAt().toString()).put("made", record.made());
        if (!spec.gateways().isEmpty()) json.putTexts("gateways", spec.gateways());
        if (!record.reservations().isEmpty()) json.putObjects("reservations", record.reservations().stream().map(one ->
                new JsonObject().put("name", one.name().value()).putIfPresent("mac", one.mac()).putIfPresent("ipv4", one.ipv4())
                        .putIfPresent("ipv6", one.ipv6())).toList());
        return new Write.Put(NETWORKS + spec.name(), json.toText());
    }

    static Write deleteNetwork(String name) {
        return new Write.Delete(NETWORKS + name);
    }

    static Write put(InstanceId instance, List<PluggedNic> nics) {
        var json = new JsonObject().put("v", 1).putObjects("nics", nics.stream().map(nic -> new JsonObject()
                .put("index", nic.index()).put("network", nic.network()).put("kind", nic.kind().word())
                .put("mac", nic.mac()).putIfPresent("ipv4", nic.ipv4()).putIfPresent("ipv6", nic.ipv6())
                .put("wanted", NicV1.toJson(nic.wanted()))).toList());
        return new Write.Put(NICS + instance.value(), json.toText());
    }

    static Write deleteNics(InstanceId instance) {
        return new Write.Delete(NICS + instance.value());
    }

    static Write put(Publication port) {
        var json = new JsonObject().put("v", 1).put("id", port.id()).put("instance", port.instance().value())
                .put("hostAddress", port.hostAddress()).put("hostPort", port.hostPort())
                .put("guestPort", port.guestPort()).put("count", port.count()).put("protocol", port.protocol());
        return new Write.Put(PORTS + port.id(), json.toText());
    }

    static Write deletePort(String id) {
        return new Write.Delete(PORTS + id);
    }

    static Write put(SecurityGroup group) {
        return new Write.Put(GROUPS + group.name(), new JsonObject().put("v", 1).put("name", group.name())
                .put("allowsIn", group.allowsIn()).put("allowsOut", group.allowsOut())
                .putObjects("rules", group.rules().stream().map(rule -> new JsonObject().put("id", rule.id())
                        .put("allow", rule.allow()).put("in", rule.in()).put("protocol", rule.protocol())
                        .put("firstPort", rule.firstPort()).put("lastPort", rule.lastPort())
                        .put("peer", rule.peer().toString())).toList()).toText());
    }

    static Write deleteGroup(String name) {
        return new Write.Delete(GROUPS + name);
    }

    static Map<String, SecurityGroup> groups(Journal journal) throws IOException {
        return read(journal, GROUPS, json -> new SecurityGroup(json.text("name"), json.bool("allowsIn"),
                json.bool("allowsOut"), json.objects("rules").stream().map(rule -> new SecurityGroup.Rule(
                        (int) rule.integer("id"), rule.bool("allow"), rule.bool("in"), rule.text("protocol"),
                        (int) rule.integer("firstPort"), (int) rule.integer("lastPort"),
                        SecurityGroup.Peer.parse(rule.text("peer")))).toList()));
    }

    static Map<String, NetworkRecord> networks(Journal journal) throws IOException {
        return read(journal, NETWORKS, NetworkRecords::network);
    }

    static Map<String, List<PluggedNic>> nics(Journal journal) throws IOException {
        return read(journal, NICS, json -> json.objects("nics").stream().map(NetworkRecords::nic).toList());
    }

    static Map<String, Publication> ports(Journal journal) throws IOException {
        return read(journal, PORTS, json -> new Publication(json.text("id"), new InstanceId(json.text("instance")),
                json.text("hostAddress"), (int) json.integer("hostPort"), (int) json.integer("guestPort"),
                (int) json.integer("count"), json.text("protocol")));
    }

    private static NetworkRecord network(JsonObject json) {
        var spec = new NetworkSpec(json.text("name"), kind(json.text("kind")), json.findText("ipv4").map(Subnet::parse),
                json.findText("ipv6").map(Subnet::parse), json.findText("range").map(Subnet::parse),
                json.findText("parent"), (int) json.integer("mtu"), json.bool("isolatedPorts"), json.textMap("labels"),
                json.texts("gateways"));
        return new NetworkRecord(spec, Instant.parse(json.text("createdAt")), json.bool("made"),
                json.objects("reservations").stream().map(one -> new Reservation(new InstanceName(one.text("name")),
                        one.findText("mac"), one.findText("ipv4"), one.findText("ipv6"))).toList());
    }

    private static PluggedNic nic(JsonObject json) {
        return new PluggedNic((int) json.integer("index"), json.text("network"), kind(json.text("kind")),
                json.text("mac"), json.findText("ipv4"), json.findText("ipv6"), NicV1.from(json.object("wanted")));
    }

    private static NetworkKind kind(String word) {
        return NetworkKind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static <T> Map<String, T> read(Journal journal, String prefix, Function<JsonObject, T> reader)
            throws IOException {
        var records = new TreeMap<String, T>();
        for (var entry : journal.entries(prefix)) {
            try {
                records.put(entry.key().substring(prefix.length()), reader.apply(JsonObject.parse(entry.value())));
            } catch (JsonException | IllegalArgumentException | DateTimeException e) {
                throw new IOException("The record %s in the store cannot be read (%s); nothing was changed."
                        .formatted(entry.key(), e.getMessage()), e);
            }
        }
        return records;
    }
}
