package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/// Networks of the host: what is wanted as a whole is compared with what is, and the difference made. One thread at a
/// time applies; the other methods may be called by any thread.
public interface NetworkDriver {
    LinkNames names();

    /// Whether it makes bridges and rules; otherwise it joins machines in QEMU's user networking, and nothing else.
    default boolean makesBridges() {
        return true;
    }

    /// Afterwards the host is as planned. What is so already costs nothing, what somebody has changed is repaired, and
    /// what nobody plans any more is gone. Nothing is touched that this daemon's home did not make.
    ///
    /// @return what had to be repaired although it was applied before, in words; mostly nothing
    List<String> apply(NetworkPlan plan, Deadline deadline) throws IOException, InterruptedException;

    /// Subnets that lead somewhere from this host already.
    List<Subnet> takenSubnets() throws IOException;

    /// The largest packet that the host's way out takes.
    int mtuOut() throws IOException;

    /// Who listens on that port of the host, in words; empty where it is free.
    ///
    /// @param address `0.0.0.0` or `::`: any
    Optional<String> holderOf(String address, int port, String protocol) throws IOException;

    /// Bytes received and sent by a NIC, as its guest sees it; empty where there is no such NIC.
    Optional<Traffic> traffic(String device) throws IOException;

    record Traffic(long bytesReceived, long bytesSent, long packetsReceived, long packetsSent, long dropped) {}

    /// Why NICs on this host cannot be shaped so; empty where they can.
    Optional<String> objection(Shape shape, Deadline deadline) throws IOException, InterruptedException;

    /// Writes the frames of a NIC as pcap until there were so many (0: no matter how many) or the deadline is past.
    ///
    /// @throws IOException there is no such NIC, or nobody reads any more
    void capture(String device, OutputStream pcap, long packets, Deadline deadline) throws IOException;

    /// Lets go of what this process holds; what was applied stays.
    void close();
}
