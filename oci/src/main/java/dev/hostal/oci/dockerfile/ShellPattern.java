package dev.hostal.oci.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// A pattern of `${name#pattern}` and its like: `*`, `?`, characters. It is matched without going back, so that no pattern
/// takes longer than its length times that of the value. Source: POSIX shell, "Pattern Matching Notation", without brackets.
record ShellPattern(List<Part> parts) {
    /// @param any whether it is a `?`
    /// @param many whether it is a `*`
    private record Part(int character, boolean any, boolean many) {
        boolean fits(int c) {
            return any ? c != '\n' : c == character;
        }
    }

    /// @throws IllegalArgumentException an escape protects nothing
    static ShellPattern of(String text) {
        var parts = new ArrayList<Part>();
        int[] all = text.codePoints().toArray();
        for (int i = 0; i < all.length; i++) {
            boolean escaped = all[i] == '\\';
            if (escaped) {
                if (++i >= all.length || "*?\\}/".indexOf(all[i]) < 0) throw new IllegalArgumentException(
                        "invalid pattern (%s) in substitution: invalid escape".formatted(text));
            }
            parts.add(new Part(all[i], !escaped && all[i] == '?', !escaped && all[i] == '*'));
        }
        return new ShellPattern(List.copyOf(parts));
    }

    ShellPattern reversed() {
        return new ShellPattern(parts.reversed());
    }

    /// Where a match ends that begins there; -1 where none does.
    int prefix(String value, int begin, boolean longest) {
        var reached = new boolean[parts.size() + 1];
        reach(reached, 0);
        int end = reached[parts.size()] ? begin : -1;
        for (int at = begin; at < value.length() && (longest || end < 0); ) {
            int c = value.codePointAt(at);
            at += Character.charCount(c);
            var next = new boolean[parts.size() + 1];
            boolean any = false;
            for (int i = 0; i < parts.size(); i++) {
                if (!reached[i]) continue;
                var part = parts.get(i);
                if (part.many() ? c != '\n' : part.fits(c)) {
                    reach(next, part.many() ? i : i + 1);
                    any = true;
                }
            }
            if (!any) break;
            reached = next;
            if (reached[parts.size()]) end = at;
        }
        return end;
    }

    /// A star may stand for nothing: what is behind it is reached with it.
    private void reach(boolean[] reached, int part) {
        int i = part;
        reached[i] = true;
        while (i < parts.size() && parts.get(i).many()) reached[++i] = true;
    }

    String replaced(String value, String by, boolean every) {
        var out = new StringBuilder();
        int at = 0;
        int last = -1;
        while (at <= value.length()) {
            int end = prefix(value, at, true);
            boolean found = end > at || end == at && last != at;
            if (found) {
                out.append(by);
                last = end;
                if (!every) return out.append(value, end, value.length()).toString();
            }
            if (found && end > at) {
                at = end;
            } else {
                if (at < value.length()) out.append(value.charAt(at));
                at++;
            }
        }
        return out.toString();
    }
}
