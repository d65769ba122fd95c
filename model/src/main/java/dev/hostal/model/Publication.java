package dev.hostal.model;

/// A published port with everything that was chosen for it.
///
/// @param id by which it is deleted
/// @param hostAddress `127.0.0.1` for loopback of both families, `0.0.0.0` or `::` for every address
public record Publication(String id, InstanceId instance, String hostAddress, int hostPort, int guestPort, int count,
        String protocol) {
    /// Whether both cannot be.
    public boolean conflicts(Publication other) {
        return protocol.equals(other.protocol) && meets(hostAddress, other.hostAddress)
                && hostPort < other.hostPort + other.count && other.hostPort < hostPort + count;
    }

    private static boolean meets(String one, String other) {
        return one.equals(other) || isAny(one) || isAny(other);
    }

    private static boolean isAny(String address) {
        return address.equals("0.0.0.0") || address.equals("::");
    }

    @Override public String toString() {
        var address = hostAddress.contains(":") ? "[" + hostAddress + "]" : hostAddress;
        return count == 1 ? "%s:%d->%d/%s".formatted(address, hostPort, guestPort, protocol)
                : "%s:%d-%d->%d-%d/%s".formatted(address, hostPort, hostPort + count - 1, guestPort,
                        guestPort + count - 1, protocol);
    }
}
