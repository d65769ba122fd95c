package dev.hostal.network;

import dev.hostal.model.NetworkKind;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What dnsmasq is told of one network: pure text. Source: dnsmasq(8).
final class NameServer {
    private static final String LEASE_TIME = "12h";
    /// What the host is called by its guests, with or without root.
    private static final String HOST = "host.hostal";

    private NameServer() {}

    /// @param folder with `hosts` and `dhcp`, whose files it reads as they come
    /// @param leases outlives both daemons
    static String config(Net net, Path folder, Path leases) {
        boolean out = net.kind() == NetworkKind.NAT;
        return """
                interface=%s
                bind-dynamic
                except-interface=lo
                user=root
                group=root
                pid-file
                no-hosts
                hostsdir=%s
                dhcp-hostsdir=%s
                servers-file=%s
                dhcp-leasefile=%s
                dhcp-authoritative
                no-ping
                dhcp-range=%s,static,%s,%s
                dhcp-range=%s,static,%d,%s
                enable-ra
                ra-param=%s,mtu:%d,%s
                dhcp-option=option:mtu,%d
                %sdhcp-option=option6:dns-server,[%s]
                dhcp-option=option6:domain-search,%s
                dhcp-option=option:domain-search,%s
                domain=%s
                local=/%s/
                %shost-record=%s,%s,%s
                domain-needed
                bogus-priv
                cache-size=1000
                """.formatted(net.bridge(), folder.resolve("hosts"), folder.resolve("dhcp"), folder.resolve("servers"), leases,
                net.ipv4().at(0), mask(net.ipv4().prefix()), LEASE_TIME,
                net.ipv6().at(0), net.ipv6().prefix(), LEASE_TIME,
                net.bridge(), net.mtu(), out ? "600" : "600,0",
                net.mtu(), out ? "" : "dhcp-option=option:router\n", net.gateway6(),
                net.domain(), net.domain(), net.domain(), net.domain(), out ? "" : "no-resolv\n", HOST, net.gateway4(),
                net.gateway6());
    }

    /// Where the names of other networks are known: an instance in two networks asks either server.
    static String servers(Net net, List<Net> all) {
        return all.stream().filter(other -> !other.name().equals(net.name())).map(other -> """
                server=/%s/%s
                rev-server=%s,%s
                """.formatted(other.domain(), other.gateway4(), other.ipv4(), other.gateway4())).collect(Collectors.joining());
    }

    /// A line of `hosts` for each address: the name with its network first, which is what an address is called.
    static String hosts(Net net, Plug plug) {
        var names = plug.names().stream().flatMap(name -> Stream.of(name + "." + net.domain(), name))
                .distinct().collect(Collectors.joining(" "));
        return Stream.of(plug.ipv4(), plug.ipv6()).flatMap(Optional::stream)
                .map(address -> address + " " + names + "\n").collect(Collectors.joining());
    }

    /// The address that is its own for ever.
    static String reservation(Plug plug) {
        return plug.mac() + plug.ipv4().map(four -> "," + four).orElse("")
                + plug.ipv6().map(six -> ",[" + six + "]").orElse("") + "," + plug.names().getFirst() + "\n";
    }

    private static String mask(int prefix) {
        int bits = (int) (0xffffffffL << 32 - prefix);
        return "%d.%d.%d.%d".formatted(bits >>> 24 & 255, bits >>> 16 & 255, bits >>> 8 & 255, bits & 255);
    }
}
