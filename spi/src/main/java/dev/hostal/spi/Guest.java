package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;

/// What runs inside a machine, reached through its agent.
public interface Guest {
    /// Makes the instance's program run; asked again, nothing happens.
    ///
    /// @param attached its output is to be held until somebody reads it through [#attachMain]
    void runMain(boolean attached, Deadline deadline) throws IOException, InterruptedException;

    /// The streams of the instance's program. Before [#runMain] they are silent. Several may attach.
    GuestProcess attachMain(Deadline deadline) throws IOException, InterruptedException;

    /// How the program ended, as far as it has; waits not. Empty also where the machine vanished without a
    /// word. Where the image's own init was booted, a guest that powered itself off ended with 0.
    Optional<ExitStatus> mainExit() throws IOException;

    /// Waits until the instance's program has ended or the machine is gone.
    ///
    /// @return how it ended; [ExitStatus#KILLED] where the machine vanished without a word (and only then is
    /// [#mainExit] empty afterwards)
    ExitStatus waitForMain() throws IOException, InterruptedException;

    /// Sends the program a signal by its name, such as `TERM`.
    void signalMain(String signal, Deadline deadline) throws IOException, InterruptedException;

    /// Starts another program. One that cannot be started ends with 126 or 127 and says why on its stderr.
    GuestProcess exec(ProgramSpec program, Deadline deadline) throws IOException, InterruptedException;

    /// Reads a file or folder as a tar archive (POSIX pax). The stream fails if the guest could not read all.
    InputStream readTar(String path, Deadline deadline) throws IOException, InterruptedException;

    /// Unpacks a tar archive into an existing folder; done when the returned stream is closed without failure.
    OutputStream writeTar(Unpacking unpacking, Deadline deadline) throws IOException, InterruptedException;

    /// The same as `tar` does it.
    default OutputStream writeTar(String folder, Deadline deadline) throws IOException, InterruptedException {
        return writeTar(Unpacking.into(folder), deadline);
    }

    /// The guest's addresses, without loopback, without prefix length.
    List<String> addresses(Deadline deadline) throws IOException, InterruptedException;

    /// Connects to a TCP port of the guest's loopback, with no network between.
    ByteChannel connect(int port, Deadline deadline) throws IOException, InterruptedException;

    /// Asks the guest to end itself: its init is told, file systems are synced. Returns when it was asked.
    void shutdown(Deadline deadline) throws IOException, InterruptedException;
}
