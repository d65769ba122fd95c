package dev.hostal.bench;

import java.io.IOException;

/// Another engine of containers, with an image of the same content.
sealed interface Peer permits DockerPeer, PodmanPeer {
    String name();

    /// @param arguments of its command line
    Command command(String... arguments);

    /// A container without a network.
    ///
    /// @param arguments after `run`
    default Command run(String... arguments) {
        var words = new String[arguments.length + 3];
        words[0] = "run";
        words[1] = "--network";
        words[2] = "none";
        System.arraycopy(arguments, 0, words, 3, arguments.length);
        return command(words);
    }

    /// Of all that stays while containers run.
    double pssMib() throws IOException;

    /// Ends what was started.
    void close() throws IOException, InterruptedException;
}
