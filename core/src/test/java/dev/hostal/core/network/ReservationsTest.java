package dev.hostal.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Reservation;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.store.MemoryStore;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Addresses that are kept for a name are that name's: before there is an instance, while there is one, and afterwards.
class ReservationsTest {
    private static final String MAC = "52:54:00:00:00:07";
    private static final InstanceName DB = new InstanceName("db");
    private static final InstanceName WEB = new InstanceName("web");

    private final NicTable nics = new NicTable(false);
    private final Random random = new Random(5);
    private NetworkRecord lab = new NetworkRecord(spec("lab", "10.1.2.0/29", "fd00:1::/64"), Instant.EPOCH, true);

    @Test void nobodyElseIsGivenWhatIsKept() {
        assertThat(keep(DB, Optional.empty(), Optional.of("10.1.2.3"), Optional.of(MAC)))
                .isEqualTo(new Reservation(DB, Optional.of(MAC), Optional.of("10.1.2.3"), Optional.of("fd00:1::3")));
        assertThat(List.of(plug(WEB), plug(WEB), plug(WEB)).stream().map(nic -> nic.ipv4().orElseThrow()))
                .as("all that others can have").containsExactly("10.1.2.2", "10.1.2.4", "10.1.2.5");
        plug(WEB);
        refused(ErrorCode.BUSY, "no free address", () -> plug(WEB));
        refused(ErrorCode.IN_USE, "for the instance db", () -> plug(WEB, nic("10.1.2.3", null)));
        refused(ErrorCode.IN_USE, "for the instance db", () -> plug(WEB, new Nic("lab", Optional.empty(), Optional.empty(),
                Optional.of("fd00:1:0::3"), List.of(), List.of(), Map.of())));
        refused(ErrorCode.IN_USE, "for the instance db", () -> plug(WEB, nic(null, MAC.toUpperCase(Locale.ROOT))));

        var got = plug(DB);
        assertThat(got.addresses()).containsExactly("10.1.2.3", "fd00:1::3");
        assertThat(got.mac()).isEqualTo(MAC);
        assertThat(got.wanted()).as("a copy is asked for without it").isEqualTo(Nic.in("lab"));
    }

    @Test void whoAsksForSomethingElseIsRefused() {
        keep(DB, Optional.empty(), Optional.of("10.1.2.3"), Optional.of(MAC));
        refused(ErrorCode.IN_USE, "keeps 10.1.2.3", () -> plug(DB, nic("10.1.2.4", null)));
        refused(ErrorCode.IN_USE, "keeps " + MAC, () -> plug(DB, nic(null, "52:54:00:00:00:08")));
        assertThat(plug(DB, nic("10.1.2.3", MAC.replace(':', '-'))).mac()).isEqualTo(MAC);
    }

    @Test void aSecondNicInTheNetworkIsLikeAnybodys() {
        keep(DB, Optional.empty(), Optional.of("10.1.2.3"), Optional.empty());
        var id = id();
        var first = nics.choose(new NicTable.Holder(id, id, DB, Kind.VM), 0, Nic.in("lab"), Optional.of(lab));
        nics.put(id, List.of(first));
        var second = nics.choose(new NicTable.Holder(id, id, DB, Kind.VM), 1, Nic.in("lab"), Optional.of(lab));
        assertThat(first.ipv4()).contains("10.1.2.3");
        assertThat(second.ipv4()).contains("10.1.2.2");
    }

    @Test void onlyWhatIsFreeAndOfTheSubnetCanBeKept() {
        var web = plug(WEB);
        keep(DB, Optional.empty(), Optional.of("10.1.2.4"), Optional.of(MAC));
        for (var outside : List.of("10.1.3.1", "10.1.2.0", "10.1.2.1", "10.1.2.7", "fd00:1::5", "db")) {
            refused(ErrorCode.BAD_REQUEST, outside, () -> keep(WEB, Optional.empty(), Optional.of(outside), Optional.empty()));
        }
        refused(ErrorCode.IN_USE, "Another instance", () -> keep(new InstanceName("other"), Optional.empty(), web.ipv4(), Optional.empty()));
        refused(ErrorCode.IN_USE, "for the instance db", () -> keep(WEB, Optional.empty(), Optional.of("10.1.2.4"), Optional.empty()));
        refused(ErrorCode.IN_USE, "for the instance db", () -> keep(WEB, Optional.empty(), Optional.empty(), Optional.of(MAC)));
        refused(ErrorCode.BAD_REQUEST, "MAC", () -> keep(WEB, Optional.empty(), Optional.empty(), Optional.of("53:54:00:00:00:01")));
    }

    @Test void whatIsLeftOpenIsWhatIsThere() {
        var id = id();
        var has = nics.choose(new NicTable.Holder(id, id, DB, Kind.CONTAINER), 0, Nic.in("lab"), Optional.of(lab));
        nics.put(id, List.of(has));
        var kept = keep(DB, Optional.of(id), Optional.empty(), Optional.empty());
        assertThat(kept).isEqualTo(new Reservation(DB, Optional.of(has.mac()), has.ipv4(), has.ipv6()));
        assertThat(keep(DB, Optional.of(id), Optional.empty(), Optional.empty())).as("once more").isEqualTo(kept);
        assertThat(keep(DB, Optional.of(id), Optional.of("10.1.2.5"), Optional.empty()))
                .isEqualTo(new Reservation(DB, kept.mac(), Optional.of("10.1.2.5"), kept.ipv6()));
        assertThat(lab.reservations()).hasSize(1);
    }

    @Test void withoutASubnetAMacAddressCanBeKept() {
        lab = new NetworkRecord(new NetworkSpec("lab", NetworkKind.BRIDGED, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of("eth0"), 1500, false, Map.of()), Instant.EPOCH, true);
        refused(ErrorCode.UNSUPPORTED, "--mac", () -> keep(DB, Optional.empty(), Optional.empty(), Optional.empty()));
        refused(ErrorCode.UNSUPPORTED, "subnet", () -> keep(DB, Optional.empty(), Optional.of("10.1.2.3"), Optional.empty()));
        keep(DB, Optional.empty(), Optional.empty(), Optional.of(MAC));
        assertThat(plug(DB).mac()).isEqualTo(MAC);
        refused(ErrorCode.IN_USE, "for the instance db", () -> plug(WEB, nic(null, MAC)));
    }

    @Test void inUserNetworksOfADaemonWithoutRootToo() {
        var switched = new NicTable(true);
        var net = new NetworkRecord(new NetworkSpec("lab", NetworkKind.USER, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), 0, false, Map.of()), Instant.EPOCH, true);
        var first = switched.reserve(net, DB, Nic.in("lab"), Optional.empty());
        var kept = net.with(first);
        var id = id();
        var web = switched.choose(new NicTable.Holder(id, id, WEB, Kind.VM), 0, Nic.in("lab"), Optional.of(kept));
        switched.put(id, List.of(web));
        var other = id();
        var db = switched.choose(new NicTable.Holder(other, other, DB, Kind.VM), 0, Nic.in("lab"), Optional.of(kept));
        assertThat(db.ipv4()).isEqualTo(first.ipv4()).isNotEqualTo(web.ipv4());
        refused(ErrorCode.IN_USE, "for the instance db", () -> switched.choose(new NicTable.Holder(id(), id, WEB, Kind.VM), 1,
                nic(first.ipv4().orElseThrow(), "52:54:00:00:00:09"), Optional.of(kept)));
    }

    @Test void theyAreJournalledWithTheirNetworkAndGoWithIt() throws Exception {
        var store = new MemoryStore();
        var asked = nic("10.1.2.3", MAC);
        var table = open(store);
        table.create(lab.spec());
        var kept = table.reserve(asked, DB, Optional.empty());
        table.reserve(Nic.in("lab"), WEB, Optional.empty());
        table.unreserve("lab", WEB);
        refused(ErrorCode.NOT_FOUND, "nothing", () -> table.unreserve("lab", WEB));
        table.close();

        var again = open(store);
        assertThat(again.get("lab").reservations()).containsExactly(kept);
        assertThat(again.keepsFor(DB)).isTrue();
        assertThat(again.keepsFor(WEB)).isFalse();
        again.delete("lab");
        again.create(lab.spec());
        assertThat(again.get("lab").reservations()).isEmpty();
        again.close();
    }

    @Test void theDefaultNetworkIsJournalledByWhoeverNeedsItFirst() throws Exception {
        var store = new MemoryStore();
        var table = open(store);
        refused(ErrorCode.BAD_REQUEST, "subnet", () -> table.reserve(new Nic("default", Optional.empty(), Optional.of("192.0.2.1"),
                Optional.empty(), List.of(), List.of(), Map.of()), DB, Optional.empty()));
        var made = table.list();
        table.close();
        var again = open(store);
        assertThat(again.list()).as("although nothing came of it").isEqualTo(made).hasSize(1);
        again.reserve(Nic.in("default"), DB, Optional.empty());
        refused(ErrorCode.NAME_IN_USE, "keeps addresses", () -> again.create(spec("default", "10.9.0.0/24", "fd00:9::/64")));
        again.close();
    }

    private Reservation keep(InstanceName name, Optional<InstanceId> instance, Optional<String> ip, Optional<String> mac) {
        var kept = nics.reserve(lab, name, new Nic("lab", mac, ip, Optional.empty(), List.of(), List.of(), Map.of()), instance);
        lab = lab.with(kept);
        return kept;
    }

    private PluggedNic plug(InstanceName name) {
        return plug(name, Nic.in("lab"));
    }

    private PluggedNic plug(InstanceName name, Nic wanted) {
        var id = id();
        var chosen = nics.choose(new NicTable.Holder(id, id, name, Kind.CONTAINER), 0, wanted, Optional.of(lab));
        nics.put(id, List.of(chosen));
        return chosen;
    }

    private InstanceId id() {
        return new InstanceId("%016x".formatted(random.nextLong()).repeat(4));
    }

    private static Nic nic(String ip, String mac) {
        return new Nic("lab", Optional.ofNullable(mac), Optional.ofNullable(ip), Optional.empty(), List.of(), List.of(), Map.of());
    }

    private static NetworkSpec spec(String name, String four, String six) {
        return new NetworkSpec(name, NetworkKind.NAT, Optional.of(Subnet.parse(four)), Optional.of(Subnet.parse(six)),
                Optional.empty(), Optional.empty(), 1500, false, Map.of());
    }

    private static void refused(ErrorCode code, String words, ThrowingCallable asked) {
        assertThatThrownBy(asked).isInstanceOfSatisfying(Problem.class, problem -> assertThat(problem.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }

    private static NetworkTable open(MemoryStore store) throws Exception {
        var log = new StateLog();
        return NetworkTable.open(new Journal(store, log), Optional.of(new Nowhere()), Clock.systemUTC(), log);
    }

    /// A host on which everything is as planned.
    private static final class Nowhere implements NetworkDriver {
        @Override public LinkNames names() {
            return LinkNames.of("/home");
        }

        @Override public List<String> apply(NetworkPlan plan, Deadline deadline) {
            return List.of();
        }

        @Override public List<Subnet> takenSubnets() {
            return new ArrayList<>();
        }

        @Override public int mtuOut() {
            return 1500;
        }

        @Override public Optional<String> holderOf(String address, int port, String protocol) {
            return Optional.empty();
        }

        @Override public Optional<Traffic> traffic(String device) {
            return Optional.empty();
        }

        @Override public Optional<String> objection(Shape shape, Deadline deadline) {
            return Optional.empty();
        }

        @Override public void capture(String device, OutputStream pcap, long packets, Deadline deadline) {}

        @Override public void close() {}
    }
}
