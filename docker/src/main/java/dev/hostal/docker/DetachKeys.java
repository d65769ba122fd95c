package dev.hostal.docker;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/// Finds the keys that end an attachment in what is typed. Source: `docker attach --detach-keys`: `ctrl-` and a
/// letter or one of `@ [ \ ] ^ _`, or a character, parted by commas.
final class DetachKeys {
    static final String USUAL = "ctrl-p,ctrl-q";

    private final byte[] keys;
    private int matched;

    DetachKeys(byte[] keys) {
        this.keys = keys.clone();
    }

    /// @throws Refusal 400 it is no such text
    static byte[] parse(String text) {
        var bytes = new ByteArrayOutputStream();
        for (var key : text.split(",")) {
            var lower = key.toLowerCase(Locale.ROOT);
            if (key.length() == 1) {
                bytes.write(key.charAt(0));
            } else if (lower.matches("ctrl-[a-z@\\[\\\\\\]^_]")) {
                bytes.write(lower.charAt(5) & 0x1f);
            } else {
                throw new Refusal(400, "Invalid detach keys: unknown character: '%s'".formatted(key));
            }
        }
        return bytes.toByteArray();
    }

    /// What of the piece goes to the program: a key that may begin the sequence is held back until it is known.
    byte[] pass(byte[] piece, int count) {
        if (keys.length == 0) return Arrays.copyOf(piece, count);
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < count && !isPressed(); i++) {
            if (piece[i] == keys[matched]) {
                matched++;
                continue;
            }
            out.write(keys, 0, matched);
            matched = 0;
            if (piece[i] == keys[0]) {
                matched = 1;
            } else {
                out.write(piece[i]);
            }
        }
        return out.toByteArray();
    }

    boolean isPressed() {
        return keys.length > 0 && matched == keys.length;
    }
}
