package dev.hostal.cli;

import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The way to the daemon.
public interface Connector {
    /// The daemon; started where none answers.
    ///
    /// @throws IOException it did not start; the message says why
    Hostal connect() throws IOException, InterruptedException;

    /// The daemon, where one answers.
    Optional<Hostal> running() throws IOException;

    /// Starts the daemon, unless one answers. Afterwards one answers.
    ///
    /// @param options of the daemon, such as `--simulate`
    /// @throws IOException it did not start; the message says why
    void start(List<String> options) throws IOException, InterruptedException;

    /// Ends the daemon, if there is one. Afterwards none answers.
    void stop() throws IOException, InterruptedException;

    /// The last lines that the daemon wrote.
    List<String> logTail(int lines) throws IOException;
}
