package dev.hostal.cli.terminal;

import dev.hostal.model.TerminalSize;
import java.io.IOException;
import java.util.OptionalInt;

/// Which of the standard streams are a terminal, and what can be done with it.
public interface Terminal {
    boolean isInput();

    boolean isOutput();

    boolean isError();

    /// Its width when the command began; empty where nothing of ours is a terminal.
    OptionalInt columns();

    /// Its size now.
    TerminalSize size() throws IOException;

    /// Hands every key over as it is pressed, without echo and without signals, until the result is closed.
    Raw raw() throws IOException;

    /// The raw mode; closing it (twice does no harm) brings back what was before. So does the end of the process.
    interface Raw extends AutoCloseable {
        @Override void close();
    }
}
