package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// A range of addresses with a common prefix, such as `10.1.2.0/24` or `fd00:1::/64`. Source: RFC 4632, RFC 4291.
public record Subnet(BigInteger base, int prefix, boolean isV6) {
    public Subnet {
        int bits = isV6 ? 128 : 32;
        require(prefix >= 0 && prefix <= bits, "prefix length %d not in 0..%d", prefix, bits);
        base = base.shiftRight(bits - prefix).shiftLeft(bits - prefix);
    }

    /// @throws IllegalArgumentException the text is no address with a prefix length
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        require(slash > 0 && text.substring(slash + 1).matches("[0-9]{1,3}"),
                "'%s' is not a subnet such as 10.1.2.0/24 or fd00:1::/64", text);
        var address = text.substring(0, slash);
        boolean v6 = address.contains(":");
        return new Subnet(number(address), Integer.parseInt(text.substring(slash + 1)), v6);
    }

    /// Whether the text is an IPv4 or IPv6 address. A name is none, and is not looked up.
    public static boolean isAddress(String text) {
        try {
            number(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// The address as a number.
    ///
    /// @throws IllegalArgumentException the text is no address
    public static BigInteger number(String text) {
        boolean form = text.contains(":") ? text.matches("[0-9a-fA-F:.]{2,45}")
                : text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
        require(form, "'%s' is not an address", text);
        try {
            return new BigInteger(1, InetAddress.getByName(text).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'%s' is not an address".formatted(text), e);
        }
    }

    /// The address in the form in which Linux writes it.
    public static String text(BigInteger number, boolean v6) {
        var bytes = new byte[v6 ? 16 : 4];
        var digits = number.toByteArray();
        int count = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - count, bytes, bytes.length - count, count);
        try {
            var address = InetAddress.getByAddress(bytes);
            return address instanceof Inet6Address ? shortened(bytes) : address.getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    /// The address in the form in which Linux writes it.
    ///
    /// @throws IllegalArgumentException the text is no address
    public static String canonical(String address) {
        return text(number(address), address.contains(":"));
    }

    public boolean contains(String address) {
        return address.contains(":") == isV6 && new Subnet(number(address), prefix, isV6).base.equals(base);
    }

    public boolean overlaps(Subnet other) {
        if (isV6 != other.isV6) return false;
        int shorter = Math.min(prefix, other.prefix);
        return new Subnet(base, shorter, isV6).base.equals(new Subnet(other.base, shorter, isV6).base);
    }

    /// How many addresses there are.
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft((isV6 ? 128 : 32) - prefix);
    }

    /// The address at a place; 0 is the subnet's own.
    public String at(long place) {
        return text(base.add(BigInteger.valueOf(place)), isV6);
    }

    /// The last one: for everybody, in IPv4.
    public String last() {
        return text(base.add(size()).subtract(BigInteger.ONE), isV6);
    }

    @Override public String toString() {
        return text(base, isV6) + "/" + prefix;
    }

    /// Source: RFC 5952.
    private static String shortened(byte[] bytes) {
        var groups = new int[8];
        for (int i = 0; i < 8; i++) groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
        int start = -1;
        int longest = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) end++;
            if (end - i > longest) {
                longest = end - i;
                start = i;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
