package dev.hostal.model;

import static dev.hostal.base.Check.require;

/// Size of a terminal in characters, as in `TIOCSWINSZ`.
public record TerminalSize(int columns, int rows) {
    private static final int MAX = 0xffff;

    public TerminalSize {
        require(columns >= 0 && columns <= MAX && rows >= 0 && rows <= MAX,
                "terminal size %d x %d not in 0..%d", columns, rows, MAX);
    }
}
