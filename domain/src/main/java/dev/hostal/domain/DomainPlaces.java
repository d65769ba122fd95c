package dev.hostal.domain;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Where the domains of one daemon are: its part of the runtime folder, and its root among the cgroups.
///
/// @param home of the daemon: two daemons of one host have two, and so they never see each other's domains
/// @param bootId of the host since it was booted
record DomainPlaces(Path home, Path runtimeFolder, String bootId) {
    /// Digits of the hash of the home. Chosen: short enough for people, long enough for every home of a host.
    private static final int HASH_DIGITS = 10;

    Path folders() {
        return runtimeFolder.resolve("d");
    }

    DomainFolder folder(String name) {
        return new DomainFolder(folders().resolve(name));
    }

    /// Given to the OCI runtime as `--root`.
    Path runtimeState() {
        return runtimeFolder.resolve("oci");
    }

    String cgroupRoot() {
        return "/hostal-" + hash();
    }

    String cgroup(String name) {
        return cgroupRoot() + "/" + name;
    }

    private String hash() {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(home.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
