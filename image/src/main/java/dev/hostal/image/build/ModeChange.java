package dev.hostal.image.build;

import java.util.List;
import java.util.regex.Pattern;

/// What `--chmod` says: an octal number, or changes such as `u=rwX,go+r`. Source: chmod(1); Dockerfile reference, "COPY --chmod".
interface ModeChange {
    /// The mode that a file gets.
    int apply(int mode, boolean folder);

    Pattern OCTAL = Pattern.compile("[0-7]{1,8}");
    Pattern CLAUSE = Pattern.compile("([ugoa]*)([-+=][rwxXst]*|[-+=][ugo])+");
    Pattern ACTION = Pattern.compile("([-+=])([rwxXstugo]*)");

    /// @throws BuildException it is neither
    static ModeChange parse(String text) {
        if (OCTAL.matcher(text).matches()) {
            int mode = Integer.parseInt(text, 8);
            if (mode > 07777) throw wrong(text);
            return (_, _) -> mode;
        }
        var clauses = List.of(text.split(",", -1));
        if (!clauses.stream().allMatch(clause -> CLAUSE.matcher(clause).matches())) throw wrong(text);
        return (mode, folder) -> {
            int changed = mode;
            for (var clause : clauses) changed = changed(clause, changed, folder);
            return changed;
        };
    }

    private static BuildException wrong(String text) {
        return new BuildException("invalid chmod parameter: '%s'. it should be octal string and between 0 and 07777, or changes such as u=rwX,go=rX"
                .formatted(text));
    }

    private static int changed(String clause, int mode, boolean folder) {
        int begin = 0;
        while ("ugoa".indexOf(clause.charAt(begin)) >= 0) begin++;
        var who = clause.substring(0, begin);
        boolean all = who.isEmpty() || who.contains("a");
        int changed = mode;
        var actions = ACTION.matcher(clause.substring(begin));
        while (actions.find()) {
            int bits = 0;
            int kept = ~0;
            for (int i = 0; i < 3; i++) {
                char class_ = "ugo".charAt(i);
                if (!all && who.indexOf(class_) < 0) continue;
                bits |= bits(actions.group(2), changed, folder, class_, 6 - 3 * i);
                kept &= ~(7 << 6 - 3 * i | (class_ == 'u' ? 04000 : class_ == 'g' ? 02000 : all ? 01000 : 0));
            }
            changed = switch (actions.group(1).charAt(0)) {
                case '+' -> changed | bits;
                case '-' -> changed & ~bits;
                default -> changed & kept | bits;
            };
        }
        return changed;
    }

    private static int bits(String letters, int mode, boolean folder, char who, int shift) {
        int bits = 0;
        for (char letter : letters.toCharArray()) {
            bits |= switch (letter) {
                case 'r' -> 4 << shift;
                case 'w' -> 2 << shift;
                case 'x' -> 1 << shift;
                case 'X' -> folder || (mode & 0111) != 0 ? 1 << shift : 0;
                case 's' -> who == 'u' ? 04000 : who == 'g' ? 02000 : 0;
                case 't' -> 01000;
                case 'u' -> (mode >> 6 & 7) << shift;
                case 'g' -> (mode >> 3 & 7) << shift;
                default -> (mode & 7) << shift;
            };
        }
        return bits;
    }
}
