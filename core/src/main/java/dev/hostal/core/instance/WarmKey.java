package dev.hostal.core.instance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.StringJoiner;

/// Names what a warm guest depends on: its image, its size and its hardware. What a guest is told when it goes on
/// (its name, addresses and program) is no part of it; another QEMU refuses the state of its devices by itself.
final class WarmKey {
    private static final String BETWEEN = ".";

    private WarmKey() {}

    static String of(String imageDigest, MachineSpec spec) {
        var parts = new StringJoiner("\n");
        parts.add(spec.arch().word()).add(Integer.toString(spec.cpus())).add(Long.toString(spec.memory().count()))
                .add(Long.toString(spec.diskSize().count()));
        spec.root().layers().forEach(layer -> parts.add(layer.toString()));
        // Their names say which version they are of.
        spec.root().guestKernel().ifPresent(kernel ->
                parts.add(kernel.kernel().toString()).add(kernel.initramfs().toString()));
        spec.nics().forEach(nic -> parts.add(nic.place() + " " + way(nic) + " " + nic.mtu()));
        return imageDigest + BETWEEN + HexFormat.of().formatHex(sha256(parts.toString()), 0, 12);
    }

    /// Digest of the image that a key is of.
    static String imageOf(String key) {
        return key.substring(0, key.lastIndexOf(BETWEEN));
    }

    private static String way(MachineNic nic) {
        return switch (nic.way()) {
            case MachineNic.Way.User _ -> "user";
            case MachineNic.Way.Bridge _ -> "bridge";
            case MachineNic.Way.Parent _ -> "parent";
            case MachineNic.Way.Host _, MachineNic.Way.Joined _ -> "host";
        };
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
