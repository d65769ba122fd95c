package dev.hostal.network;

import dev.hostal.linux.Links;
import dev.hostal.model.Subnet;
import java.math.BigInteger;

/// The address that a NIC gives itself. Source: RFC 4291, appendix A.
final class LinkLocal {
    private LinkLocal() {}

    static String of(String mac) {
        var six = Links.mac(mac);
        byte[] bytes = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, (byte) (six[0] ^ 2), six[1], six[2], (byte) 0xff,
            (byte) 0xfe, six[3], six[4], six[5]};
        return Subnet.text(new BigInteger(1, bytes), true);
    }
}
