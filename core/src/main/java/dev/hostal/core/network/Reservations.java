package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Nic;
import dev.hostal.model.Reservation;
import dev.hostal.model.Subnet;
import java.util.Optional;

/// What an instance's name means where addresses are kept for it: pure functions.
final class Reservations {
    private Reservations() {}

    /// What a NIC asks for, with what is kept for its instance.
    ///
    /// @throws Problem IN_USE: it asks for something else
    static Nic asked(Nic wanted, Reservation kept) {
        var mac = wanted.mac().map(text -> AddressChoice.macOf(text, "nics"));
        requireSame(wanted, kept, mac, kept.mac());
        requireSame(wanted, kept, wanted.ipv4(), kept.ipv4());
        requireSame(wanted, kept, wanted.ipv6(), kept.ipv6());
        return new Nic(wanted.network(), kept.mac().or(() -> mac), kept.ipv4().or(wanted::ipv4), kept.ipv6().or(wanted::ipv6),
                wanted.aliases(), wanted.groups(), wanted.options());
    }

    private static void requireSame(Nic wanted, Reservation kept, Optional<String> asked, Optional<String> there) {
        if (asked.isEmpty() || there.isEmpty()) return;
        var address = Subnet.isAddress(asked.get()) ? Subnet.canonical(asked.get()) : asked.get();
        if (!address.equals(there.get())) throw new Problem(ErrorCode.IN_USE, """
                Network %s keeps %s for the instance %s, which asks for %s.
                Maybe ask for none, or keep another one (network reserve)."""
                .formatted(wanted.network(), there.get(), kept.name(), asked.get()));
    }
}
