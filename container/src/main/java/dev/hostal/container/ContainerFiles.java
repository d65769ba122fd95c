package dev.hostal.container;

import static dev.hostal.base.Check.require;

import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where one container has its files. The runtime folder goes with the container, the instance folder stays.
record ContainerFiles(String briefId, Path runtime, Path instance) {
    private static final Pattern BRIEF = Pattern.compile("[0-9a-f]{12}");

    ContainerFiles {
        require(isBrief(briefId), "'%s' is not the brief id of an instance: 12 hex digits", briefId);
    }

    static boolean isBrief(String text) {
        return BRIEF.matcher(text).matches();
    }

    Path agentSocket() {
        return runtime.resolve("agent.sock");
    }

    /// What is needed to find the container again; see [ContainerRecord].
    Path record() {
        return runtime.resolve("container.json");
    }

    /// The OCI bundle: `config.json`, and files of process numbers.
    Path bundle() {
        return runtime.resolve("bundle");
    }

    /// Stands for the container's network, in the agent's namespace only.
    Path network() {
        return bundle().resolve("network");
    }

    /// Stands for the container's users, in the agent's namespace only; there where it has its own.
    Path users() {
        return bundle().resolve("users");
    }

    /// Where the overlay is mounted, in the agent's namespace only.
    Path root() {
        return runtime.resolve("root");
    }

    /// Where the agent places what is mounted, in its namespace only.
    Path mounts() {
        return runtime.resolve("m");
    }

    /// Where the agent places another container's /dev/shm, in its namespace only.
    Path sharedMemory() {
        return runtime.resolve("shm");
    }

    /// `hosts`, `hostname`, `resolv.conf`.
    Path etc() {
        return runtime.resolve("etc");
    }

    /// What the agent itself has to say.
    Path agentLog() {
        return instance.resolve("agent.log");
    }

    Path upper() {
        return instance.resolve("upper");
    }

    Path work() {
        return instance.resolve("work");
    }

    /// Framed output of the instance's program.
    Path outputLog() {
        return instance.resolve("output.log");
    }

    /// Containers have no console: this file never is.
    Path consoleLog() {
        return instance.resolve("console.log");
    }
}
