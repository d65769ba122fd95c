package dev.hostal.agent;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/// A connection to a TCP port in a guest.
public interface GuestConnection extends ByteChannel {
    /// End-of-file for the guest's side; reading goes on.
    void shutdownOutput() throws IOException;

    @Override void close();
}
