package dev.hostal.agent;

import static dev.hostal.base.Check.require;

import dev.hostal.spi.ProgramSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a guest is told once after its kernel is up. Disks are found by their serial: `layer0` (lowest) to
/// `layerN`, and `scratch`, the writable one.
///
/// @param layers how many read-only disks make up the root
/// @param nics those to be configured; loopback needs no mention
/// @param program what [AgentGuest#runMain] runs; empty: the image's own init is booted
/// @param mounts what it sees beside its image, those above others first
public record GuestConfig(String hostname, int layers, List<Nic> nics, Optional<ProgramSpec> program, List<Mount> mounts) {
    /// As many as overlayfs is known to take within one page of options. Source: chosen, above OCI's usual 127.
    public static final int LAYERS_MAX = 200;
    private static final String SEARCH = "search ";

    /// Where a mount comes from; the order is that of the protocol.
    public enum Kind { MEMORY, SHARED, DISK }

    /// Something mounted at a place of its own.
    ///
    /// @param source the name of a folder in the file system `shared`, or the serial of a disk; empty for memory
    /// @param filled an empty one gets what the image has at the target
    /// @param exec programs in it may be run; only asked for memory
    /// @param options of a tmpfs, such as `size=1048576,mode=1777`
    public record Mount(Kind kind, String source, String target, boolean readOnly, boolean filled, boolean exec,
            String options) {}

    /// A NIC with static addresses.
    ///
    /// @param mac by which the guest finds it, such as `52:54:00:12:34:56`
    /// @param addresses with their prefix length, such as `10.0.2.15/24`; IPv4 or IPv6
    /// @param gateways of the default routes, at most one for each family
    /// @param dnsServers for `/etc/resolv.conf`
    /// @param search domains in which short names are looked for
    public record Nic(String mac, List<String> addresses, List<String> gateways, List<String> dnsServers, List<String> search) {
        public Nic {
            require(mac.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}"), "'%s' is not a MAC address in lower case", mac);
            addresses = List.copyOf(addresses);
            gateways = List.copyOf(gateways);
            dnsServers = List.copyOf(dnsServers);
            search = List.copyOf(search);
        }

        /// One that is in no domain.
        public Nic(String mac, List<String> addresses, List<String> gateways, List<String> dnsServers) {
            this(mac, addresses, gateways, dnsServers, List.of());
        }

        /// What stands in `/etc/resolv.conf` of it, as the protocol has it.
        List<String> resolver() {
            var all = new ArrayList<>(dnsServers);
            search.forEach(domain -> all.add(SEARCH + domain));
            return all;
        }

        /// What QEMU's user networking hands out. Source: QEMU documentation, `-netdev user`.
        public static Nic ofUserNetworking(String mac) {
            return new Nic(mac, List.of("10.0.2.15/24"), List.of("10.0.2.2"), List.of("10.0.2.3"));
        }
    }

    public GuestConfig {
        require(hostname.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,63}"), "'%s' is not a host name", hostname);
        require(layers >= 0 && layers <= LAYERS_MAX, "%d layers, not 0..%d", layers, LAYERS_MAX);
        nics = List.copyOf(nics);
        mounts = List.copyOf(mounts);
    }

    /// One that sees nothing but its image.
    public GuestConfig(String hostname, int layers, List<Nic> nics, Optional<ProgramSpec> program) {
        this(hostname, layers, nics, program, List.of());
    }
}
