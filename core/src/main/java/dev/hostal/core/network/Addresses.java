package dev.hostal.core.network;

import dev.hostal.model.InstanceId;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Subnet;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which subnet, which address: pure functions.
final class Addresses {
    /// Where subnets are chosen, unlikely to be somebody's: 1024 of 4096 addresses each. Source: RFC 1918, chosen.
    private static final Subnet CHOSEN4 = Subnet.parse("10.64.0.0/10");
    private static final int PREFIX4 = 20;
    private static final int PREFIX6 = 64;
    /// The subnet's own address and the gateway's.
    private static final int FIRST = 2;

    private Addresses() {}

    /// A subnet that leads nowhere yet; the same name under the same home gets the same one if it is free.
    static Optional<Subnet> choose4(String home, String name, List<Subnet> taken) {
        int count = 1 << PREFIX4 - CHOSEN4.prefix();
        int start = hash(home + "/" + name).mod(BigInteger.valueOf(count)).intValue();
        for (int i = 0; i < count; i++) {
            var place = BigInteger.valueOf((long) ((start + i) % count) << 32 - PREFIX4);
            var subnet = new Subnet(CHOSEN4.base().add(place), PREFIX4, false);
            if (taken.stream().noneMatch(subnet::overlaps)) return Optional.of(subnet);
        }
        return Optional.empty();
    }

    /// Source: RFC 4193: `fd`, 40 bits that nobody else has, 16 bits of a subnet.
    static Subnet choose6(String home, String name, List<Subnet> taken) {
        var global = BigInteger.valueOf(0xfd).shiftLeft(40).or(low(hash(home), 40)).shiftLeft(16);
        for (int i = 0; ; i++) {
            var subnet = new Subnet(global.or(low(hash(name + "/" + i), 16)).shiftLeft(128 - PREFIX6), PREFIX6, true);
            if (taken.stream().noneMatch(subnet::overlaps)) return subnet;
        }
    }

    /// The next free place of an address, counted from the subnet's beginning.
    ///
    /// @param after the place that was given last
    static Optional<Long> next(NetworkSpec spec, Set<String> used, long after) {
        var subnet = spec.ipv4().orElseThrow();
        var range = spec.range().orElse(subnet);
        long begin = Math.max(FIRST, range.base().subtract(subnet.base()).longValueExact());
        long end = Math.min(range.base().add(range.size()).subtract(subnet.base()).longValueExact(),
                subnet.size().longValueExact() - 1);
        long count = end - begin;
        for (long i = 0; i < count; i++) {
            long place = begin + Math.floorMod(after + 1 - begin + i, count);
            if (isGateway(spec, place)) continue;
            if (!used.contains(subnet.at(place)) && !(spec.ipv6().isPresent()
                    && used.contains(six(spec, place)))) return Optional.of(place);
        }
        return Optional.empty();
    }

    private static boolean isGateway(NetworkSpec spec, long place) {
        return spec.gateway4().equals(Optional.of(spec.ipv4().orElseThrow().at(place)))
                || spec.ipv6().isPresent() && spec.gateway6().equals(Optional.of(six(spec, place)));
    }

    static String six(NetworkSpec spec, long place) {
        return spec.ipv6().orElseThrow().at(place);
    }

    /// From the id, so that it stays the same, in the range that QEMU's documents use.
    static String mac(InstanceId id, int index) {
        int at = index * 6 % (id.value().length() - 6);
        var digits = id.value().substring(at, at + 6);
        return "52:54:00:%s:%s:%s".formatted(digits.substring(0, 2), digits.substring(2, 4), digits.substring(4, 6));
    }

    private static BigInteger low(BigInteger number, int bits) {
        return number.mod(BigInteger.ONE.shiftLeft(bits));
    }

    private static BigInteger hash(String text) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
