package dev.hostal.core;

import static dev.hostal.base.Check.require;

import dev.hostal.model.Arch;
import java.time.Duration;

/// How much one node takes on, and how long it waits.
///
/// @param instances most instances
/// @param startsAtOnce machines that boot at the same time; others wait for their turn
/// @param startMax from the start of a machine to a guest that answers, for the host's own architecture
/// @param briefMax for what is over in moments: a pause, a signal, a question to a guest
/// @param powerOffMax from the end of the main program to the end of its machine
/// @param drainMax how long a machine is kept for those who still read its program's last output
/// @param prepareMax to obtain an image, or make one ready
/// @param addressesEvery how often a running guest is asked for its addresses
/// @param retryPause between two tries to take something away that did not go at once
/// @param warm checkpoints of guests just before their programs that are kept for later first starts; 0: none
/// @param ahead whether one machine waits for the next run like the last one
public record Limits(
        int instances,
        int startsAtOnce,
        Duration startMax,
        Duration briefMax,
        Duration powerOffMax,
        Duration drainMax,
        Duration prepareMax,
        Duration addressesEvery,
        Duration retryPause,
        int warm,
        boolean ahead) {
    /// Requests and outcomes that may wait for one instance. Chosen.
    public static final int INBOX_MAX = 64;
    /// Tries to take something away before it is called a failure. Chosen.
    public static final int TRIES_MAX = 4;
    /// Chosen: each has what a guest writes to its memory while it boots, some 100 MiB.
    private static final int WARM_MAX = 8;

    public Limits {
        require(instances > 0 && startsAtOnce > 0, "limits are positive");
    }

    /// Chosen: a tiny guest boots in 5 s by emulation on a quiet machine, a full one in 50 s, four times slower on a
    /// busy one. More boots at once than twice the processors finish no sooner and time out together.
    public static Limits ofHost(int processors) {
        return new Limits(10_000, Math.max(4, 2 * processors), Duration.ofMinutes(5), Duration.ofSeconds(30),
                Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofSeconds(30),
                Duration.ofMillis(200), WARM_MAX, false);
    }

    /// The same, with a machine that waits for the next run, or without.
    public Limits ahead(boolean wanted) {
        return new Limits(instances, startsAtOnce, startMax, briefMax, powerOffMax, drainMax, prepareMax, addressesEvery,
                retryPause, warm, wanted);
    }

    /// A foreign architecture is emulated, and some of them boot ten times slower than others.
    public Duration startMax(Arch arch, Arch host) {
        return arch == host ? startMax : startMax.multipliedBy(2);
    }
}
