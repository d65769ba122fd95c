package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
class RealLinksTest {
    @TempDir Path folder;

    @Test void makesBridgesCablesAndTapsInANamespaceOfItsOwn() throws Exception {
        var file = folder.resolve("ns");
        NetworkNamespaces.create(file, () -> null);
        try {
            NetworkNamespaces.in(file, () -> {
                try (var links = Links.open(); var filter = Netfilter.open()) {
                    links.addBridge("br0", Links.mac("02:00:00:00:00:01"), 1400);
                    int bridge = links.find("br0").orElseThrow().index();
                    links.ensureAddress(bridge, InetAddress.getByName("10.7.0.1"), 24);
                    links.ensureAddress(bridge, InetAddress.getByName("fd00::1"), 64);
                    links.ensureAddress(bridge, InetAddress.getByName("fd00::1"), 64);
                    links.addVeth("v0", bridge, 1400,
                            new Links.Peer("e0", Links.mac("02:00:00:00:00:02"), Path.of("/proc/self/ns/net")));
                    Tap.ensure("t0", 12345);
                    links.join(links.find("t0").orElseThrow().index(), bridge, 1400);
                    links.port(links.find("v0").orElseThrow().index(), true, true);
                    var all = links.list();
                    assertThat(all).extracting(Link::name).contains("lo", "br0", "v0", "t0");
                    assertThat(links.find("v0").orElseThrow()).satisfies(one -> {
                        assertThat(one.kind()).isEqualTo("veth");
                        assertThat(one.master()).isEqualTo(bridge);
                        assertThat(one.mtu()).isEqualTo(1400);
                        assertThat(one.up()).isTrue();
                    });
                    assertThat(links.find("t0").orElseThrow().kind()).isEqualTo("tun");
                    assertThat(links.addresses()).extracting(one -> one.address().getHostAddress())
                            .contains("10.7.0.1", "fd00:0:0:0:0:0:0:1");
                    assertThat(links.routes()).extracting(Links.Prefix::length).contains(24, 64);
                    assertThat(filter.generation()).isPositive();
                    links.ensureAbsent("v0");
                    links.ensureAbsent("v0");
                    assertThat(links.find("v0")).isEmpty();
                    return null;
                }
            });
        } finally {
            NetworkNamespaces.ensureAbsent(file);
            NetworkNamespaces.ensureAbsent(file);
        }
    }
}
