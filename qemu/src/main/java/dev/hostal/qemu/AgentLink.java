package dev.hostal.qemu;

import dev.hostal.agent.AgentGuest;
import dev.hostal.agent.GuestConfig;
import dev.hostal.agent.GuestIdentity;
import dev.hostal.base.Deadline;
import dev.hostal.spi.Guest;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;

/// A connection to a guest's agent. An interface, so that the driver can be tried without a guest.
interface AgentLink extends AutoCloseable {
    /// Makes links.
    @FunctionalInterface
    interface Connector {
        /// Waits until the agent at the other end has said that it is there.
        ///
        /// @param channel connected; closed also when this fails
        /// @param goesOn the guest goes on from a checkpoint, and hears of us for the first time
        AgentLink connect(SocketChannel channel, Path outputLog, boolean goesOn, Deadline deadline)
                throws IOException, InterruptedException;
    }

    /// To Hostal's own agent.
    Connector AGENT = (channel, outputLog, goesOn, deadline) ->
            of(AgentGuest.connect(channel, outputLog, goesOn, deadline));

    Guest guest();

    boolean isConfigured();

    /// Whether it has come to its end: it will not answer any more, another one may.
    boolean isLost();

    /// Configures a guest that is not; and tells the link, which must know it for what it is asked later.
    void configure(GuestConfig config, Deadline deadline) throws IOException, InterruptedException;

    /// Tells the guest the time, and gives it randomness that no other guest has had.
    void renew(Clock clock, Deadline deadline) throws IOException, InterruptedException;

    /// The same for a guest that is the copy of another one, and becomes one of its own.
    void renew(Clock clock, GuestIdentity identity, Deadline deadline) throws IOException, InterruptedException;

    /// The same for a guest that stays who it is, and whose NICs have other addresses than it knows.
    void renewNics(Clock clock, GuestIdentity identity, Deadline deadline) throws IOException, InterruptedException;

    /// Makes a configured guest have other NICs than it was told before.
    ///
    /// @throws dev.hostal.base.Problem NOT_FOUND: it does not see one of them yet; nothing was changed
    void changeNics(GuestConfig before, GuestConfig after, Deadline deadline) throws IOException, InterruptedException;

    /// Holds writes to the guest's disk still, until [#thaw], or for 30 seconds.
    void freeze(Deadline deadline) throws IOException, InterruptedException;

    void thaw(Deadline deadline) throws IOException, InterruptedException;

    @Override void close();

    private static AgentLink of(AgentGuest agent) {
        return new AgentLink() {
            @Override public Guest guest() {
                return agent;
            }

            @Override public boolean isConfigured() {
                return agent.isConfigured();
            }

            @Override public boolean isLost() {
                return agent.isLost();
            }

            @Override public void configure(GuestConfig config, Deadline deadline)
                    throws IOException, InterruptedException {
                agent.configure(config, deadline);
            }

            @Override public void renew(Clock clock, Deadline deadline) throws IOException, InterruptedException {
                agent.renew(clock, deadline);
            }

            @Override public void renew(Clock clock, GuestIdentity identity, Deadline deadline)
                    throws IOException, InterruptedException {
                agent.renew(clock, identity, deadline);
            }

            @Override public void renewNics(Clock clock, GuestIdentity identity, Deadline deadline)
                    throws IOException, InterruptedException {
                agent.renewNics(clock, identity, deadline);
            }

            @Override public void changeNics(GuestConfig before, GuestConfig after, Deadline deadline)
                    throws IOException, InterruptedException {
                agent.changeNics(before, after, deadline);
            }

            @Override public void freeze(Deadline deadline) throws IOException, InterruptedException {
                agent.freeze(deadline);
            }

            @Override public void thaw(Deadline deadline) throws IOException, InterruptedException {
                agent.thaw(deadline);
            }

            @Override public void close() {
                agent.close();
            }
        };
    }
}
