package dev.hostal.core;

import static dev.hostal.base.Check.require;

import java.lang.System.Logger.Level;

/// The log of state changes: a dotted name that never changes, then pairs.
public final class StateLog {
    private final System.Logger logger = System.getLogger("dev.hostal.core");

    public void info(String event, Object... pairs) {
        logger.log(Level.INFO, () -> line(event, pairs));
    }

    public void warn(String event, Object... pairs) {
        logger.log(Level.WARNING, () -> line(event, pairs));
    }

    /// What needs a person, with the whole chain of causes.
    public void error(String event, Throwable cause, Object... pairs) {
        logger.log(Level.ERROR, () -> line(event, pairs), cause);
    }

    /// One line, whatever the values hold: blanks and quotes are quoted, line ends become `\n`.
    static String line(String event, Object... pairs) {
        require(pairs.length % 2 == 0, "a log line has pairs of names and values");
        var line = new StringBuilder(event);
        for (int i = 0; i < pairs.length; i += 2) {
            line.append(' ').append(pairs[i]).append('=').append(quoted(String.valueOf(pairs[i + 1])));
        }
        return line.toString();
    }

    private static String quoted(String value) {
        boolean plain = value.chars().allMatch(c -> c > ' ' && c != '"' && c != '\\' && c != 0x7f);
        if (plain && !value.isEmpty()) return value;
        var text = new StringBuilder("\"");
        value.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> text.append('\\').append((char) c);
                case '\n' -> text.append("\\n");
                default -> text.append(Character.isISOControl(c) ? ' ' : (char) c);
            }
        });
        return text.append('"').toString();
    }
}
