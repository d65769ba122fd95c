package dev.hostal.image.distribution;

import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;

/// The programs of the host that runs the tests.
public final class RealHost {
    private RealHost() {}

    public static Processes processes() {
        try {
            return new HostProcesses(new ProcessTable(), System.getenv(),
                    "tests of image " + ProcessHandle.current().pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
