package dev.hostal.image.build;

import dev.hostal.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// Collects what the outcome of a step depends on. Every text is preceded by its length, so that no two lists are alike.
final class Key {
    /// Of all keys: another number makes all former ones unknown.
    private static final String VERSION = "hostal-build-1";

    private final MessageDigest sha256 = Digest.sha256();

    Key(String kind) {
        add(VERSION, kind);
    }

    Key add(String... texts) {
        for (var text : texts) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            sha256.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
            sha256.update(bytes);
        }
        return this;
    }

    Key add(Iterable<String> texts) {
        int count = 0;
        for (var text : texts) {
            add(text);
            count++;
        }
        return add(Integer.toString(count));
    }

    /// To be called once.
    String end() {
        return Digest.of(sha256).hex();
    }
}
