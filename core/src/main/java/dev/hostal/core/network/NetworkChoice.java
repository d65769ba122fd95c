package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Subnet;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Chooses what networks leave open. For who holds the lock of what is wanted.
record NetworkChoice(Wanted wanted, Clock clock) {
    /// The network of a NIC; the default one is made, and journalled, by whoever needs it first.
    ///
    /// @return empty where the name stands for a kind
    Optional<NetworkRecord> ofNic(String name) throws IOException {
        if (NetworkSpec.isKind(name)) return Optional.empty();
        boolean user = wanted.networks.containsKey(name) && wanted.networks.get(name).spec().kind() == NetworkKind.USER;
        if (!user) wanted.requireDriver();
        if (wanted.networks.containsKey(name) || !name.equals(NetworkSpec.DEFAULT)) return Optional.of(wanted.network(name));
        var made = complete(new NetworkSpec(name, NetworkKind.NAT, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), 0, false, Map.of()), false);
        wanted.journal.write(List.of(), List.of(NetworkRecords.put(made)));
        wanted.networks.put(name, made);
        return Optional.of(made);
    }

    /// @param made by a user
    /// @throws Problem IN_USE, BUSY, UNSUPPORTED
    NetworkRecord complete(NetworkSpec spec, boolean made) throws IOException {
        if (!spec.kind().hasBridge()) return new NetworkRecord(spec, clock.instant(), made);
        var driver = wanted.requireDriver();
        var taken = new ArrayList<>(driver.takenSubnets());
        wanted.networks.values().forEach(other -> {
            other.spec().ipv4().ifPresent(taken::add);
            other.spec().ipv6().ifPresent(taken::add);
        });
        return new NetworkRecord(complete(spec, taken, driver.names().home(), driver.mtuOut()), clock.instant(), made);
    }

    /// A pure function.
    private static NetworkSpec complete(NetworkSpec spec, List<Subnet> taken, String home, int mtuOut) {
        spec.ipv4().ifPresent(chosen -> requireFree(chosen, taken));
        spec.ipv6().ifPresent(chosen -> requireFree(chosen, taken));
        var four = spec.ipv4().orElseGet(() -> Addresses.choose4(home, spec.name(), taken).orElseThrow(() -> new Problem(
                ErrorCode.BUSY, "No subnet is free.\nMaybe give one.")));
        var six = spec.ipv6().orElseGet(() -> Addresses.choose6(home, spec.name(), taken));
        return spec.with(four, six, spec.mtu() == 0 ? mtuOut : spec.mtu());
    }

    private static void requireFree(Subnet chosen, List<Subnet> taken) {
        taken.stream().filter(other -> other.prefix() > 0 && chosen.overlaps(other)).findFirst().ifPresent(other -> {
            throw new Problem(ErrorCode.IN_USE, "The subnet %s overlaps %s, which is in use on this host."
                    .formatted(chosen, other));
        });
    }
}
