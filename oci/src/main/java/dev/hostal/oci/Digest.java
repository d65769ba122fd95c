package dev.hostal.oci;

import static dev.hostal.base.Check.require;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Content digest of a blob: `sha256:` and 64 hex digits, the only algorithm that every registry speaks.
/// Source: OCI image-spec, descriptor.md, "Digests".
public record Digest(String value) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";
    private static final Pattern SHA256 = Pattern.compile("sha256:[0-9a-f]{64}");

    public Digest {
        require(SHA256.matcher(value).matches(), "'%s' is not a digest: sha256: and 64 hex digits", value);
    }

    public static Digest of(byte[] content) {
        return ofHash(sha256().digest(content));
    }

    /// Of everything that was put into a digest made by [#sha256], which is reset by this.
    public static Digest of(MessageDigest sha256) {
        return ofHash(sha256.digest());
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The 64 hex digits: the name of the blob's file in an image layout.
    public String hex() {
        return value.substring(PREFIX.length());
    }

    private static Digest ofHash(byte[] hash) {
        return new Digest(PREFIX + HexFormat.of().formatHex(hash));
    }

    @Override public int compareTo(Digest other) {
        return value.compareTo(other.value);
    }

    @Override public String toString() {
        return value;
    }
}
