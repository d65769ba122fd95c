package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// Runs programs of builds in containers that are nobody's instances.
public interface BuildSteps {
    /// A program and what it sees.
    ///
    /// @param layers squashfs files, lowest first; at least one
    /// @param network `default`, `none`, `host`, or the name of a network
    /// @param insecure with everything that root may
    /// @param hosts names with addresses for `/etc/hosts`, such as `db:10.0.0.2`
    record Step(List<Path> layers, Arch arch, ProgramSpec program, List<MachineMount> mounts, String network,
            boolean insecure, List<String> hosts, StepLimits limits) {
        public Step {
            layers = List.copyOf(layers);
            mounts = List.copyOf(mounts);
            hosts = List.copyOf(hosts);
        }
    }

    /// Takes what a program writes, until its end.
    @FunctionalInterface
    interface Output {
        void read(InputStream stdout, InputStream stderr) throws IOException, InterruptedException;
    }

    /// Takes what a program has written over its layers.
    @FunctionalInterface
    interface Written<V> {
        /// @param upper the upper folder of an overlay, with its whiteouts
        V read(ExitStatus status, Path upper) throws IOException, InterruptedException;
    }

    /// Runs the program; afterwards nothing of its container is left.
    <V> V run(Step step, Output output, Written<V> written, Deadline deadline) throws IOException, InterruptedException;
}
