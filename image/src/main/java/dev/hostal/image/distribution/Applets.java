package dev.hostal.image.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// The commands within a busybox, read out of the program itself: it may be of an architecture that this host
/// cannot run. They lie in it one after the other, in the order of the alphabet, `[` first.
///
/// Source: busybox, applets/applet_tables.c, `applet_names`.
final class Applets {
    private static final byte[] FIRST = "[\0[[\0".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern NAME = Pattern.compile("[a-z0-9_.\\[-]{1,32}");
    /// What every busybox of a distribution has; without these it was not the table that was found.
    private static final List<String> SURE = List.of("cat", "ls", "mount", "sh");

    private Applets() {}

    /// @throws IOException the program is no busybox as it is known here
    static List<String> of(byte[] busybox) throws IOException {
        for (int start = indexOf(busybox, 0); start >= 0; start = indexOf(busybox, start + 1)) {
            var names = namesFrom(busybox, start);
            if (names.containsAll(SURE)) return names;
        }
        throw new IOException("the program has no list of busybox' commands");
    }

    private static List<String> namesFrom(byte[] bytes, int start) {
        var names = new ArrayList<String>();
        var last = "";
        for (int at = start; at < bytes.length; ) {
            int end = at;
            while (end < bytes.length && bytes[end] != 0) end++;
            var name = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
            if (!NAME.matcher(name).matches() || name.compareTo(last) <= 0) break;
            names.add(name);
            last = name;
            at = end + 1;
        }
        return names;
    }

    private static int indexOf(byte[] bytes, int from) {
        for (int at = from; at + FIRST.length <= bytes.length; at++) {
            if (bytes[at] == FIRST[0] && Arrays.equals(bytes, at, at + FIRST.length, FIRST, 0, FIRST.length)) return at;
        }
        return -1;
    }
}
