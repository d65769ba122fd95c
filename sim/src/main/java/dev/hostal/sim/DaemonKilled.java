package dev.hostal.sim;

/// The daemon was killed at this call: nothing of it goes on, nothing is cleaned up.
public final class DaemonKilled extends Error {
    private static final long serialVersionUID = 1;

    DaemonKilled(String call) {
        super("the daemon was killed at " + call);
    }
}
