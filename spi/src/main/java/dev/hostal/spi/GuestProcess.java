package dev.hostal.spi;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A program in a guest and its streams. Reading slowly slows the program; nothing is lost or piled up.
public interface GuestProcess extends AutoCloseable {
    /// With a terminal everything comes here.
    InputStream stdout();

    InputStream stderr();

    /// Closing it is end-of-file for the program; the other streams go on.
    OutputStream stdin();

    void resize(TerminalSize size) throws IOException;

    void signal(String signal) throws IOException;

    /// Waits for the program's end. Its output may still be unread then.
    ///
    /// @throws IOException the guest or its agent is gone
    ExitStatus waitForExit() throws IOException, InterruptedException;

    /// Lets go. A program of [Guest#exec] gets SIGHUP if it still runs; the instance's own program runs on.
    @Override void close();
}
