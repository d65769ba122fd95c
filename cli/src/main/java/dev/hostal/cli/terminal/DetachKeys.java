package dev.hostal.cli.terminal;

import java.util.Locale;

/// Looks for the keys that let go of a program, in what a person types. A beginning of the keys is held back until
/// the next key shows whether it was meant.
public final class DetachKeys {
    private static final String CONTROL = "ctrl-";

    private final byte[] keys;
    private int matched;

    private DetachKeys(byte... keys) {
        this.keys = keys;
    }

    /// Ctrl-P Ctrl-Q, as in Docker.
    public static DetachKeys ctrlPQ() {
        return new DetachKeys((byte) 0x10, (byte) 0x11);
    }

    /// Reads docker's form: keys parted by commas, each one character or `ctrl-` and a letter or one of `@[\\]^_`.
    ///
    /// @throws IllegalArgumentException it is not of that form
    public static DetachKeys parse(String text) {
        var words = text.split(",");
        var keys = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            var word = words[i].toLowerCase(Locale.ROOT);
            boolean control = word.startsWith(CONTROL) && word.length() == CONTROL.length() + 1;
            if (control && word.charAt(CONTROL.length()) >= '@' && word.charAt(CONTROL.length()) < 0x7f) {
                keys[i] = (byte) (word.charAt(CONTROL.length()) & 0x1f);
            } else if (words[i].length() == 1 && words[i].charAt(0) < 0x80) {
                keys[i] = (byte) words[i].charAt(0);
            } else {
                throw new IllegalArgumentException("'%s' is not keys such as ctrl-p,ctrl-q".formatted(text));
            }
        }
        return new DetachKeys(keys);
    }

    /// Ctrl-], as in telnet and virsh.
    public static DetachKeys ctrlBracket() {
        return new DetachKeys((byte) 0x1d);
    }

    /// Takes typed bytes and hands on what is for the program.
    ///
    /// @param passed room for `length` bytes and the keys
    /// @return the number of bytes in `passed`; below 0 where the keys were typed: then `-1 -` that number
    public int pass(byte[] typed, int length, byte[] passed) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            if (typed[i] == keys[matched]) {
                if (++matched == keys.length) {
                    matched = 0;
                    return -1 - count;
                }
                continue;
            }
            for (int k = 0; k < matched; k++) {
                passed[count++] = keys[k];
            }
            matched = 0;
            if (typed[i] == keys[0]) {
                matched = 1;
            } else {
                passed[count++] = typed[i];
            }
        }
        return count;
    }

    /// Longest that can be held back.
    public int length() {
        return keys.length;
    }
}
