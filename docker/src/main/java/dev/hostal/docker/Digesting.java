package dev.hostal.docker;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Passes on what is written and takes its SHA-256.
final class Digesting extends FilterOutputStream {
    private final MessageDigest digest;

    Digesting(OutputStream out) {
        super(out);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override public void write(int one) throws IOException {
        out.write(one);
        digest.update((byte) one);
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        digest.update(bytes, offset, length);
    }

    /// Of all that was written; once.
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
