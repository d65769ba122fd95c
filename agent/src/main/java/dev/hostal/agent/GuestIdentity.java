package dev.hostal.agent;

import static dev.hostal.base.Check.require;

/// Who a guest becomes that goes on as the copy of another one.
///
/// @param was what the guest was told when it was configured; as many NICs, in the same order
/// @param now its host name and network from now on
public record GuestIdentity(GuestConfig was, GuestConfig now) {
    public GuestIdentity {
        require(was.nics().size() == now.nics().size(), "a copy has as many NICs as its original: %d, not %d",
                was.nics().size(), now.nics().size());
    }
}
