package dev.hostal.container;

import static dev.hostal.container.RealHost.program;
import static dev.hostal.container.RealHost.shell;
import static dev.hostal.container.RealHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.linux.Folders;
import dev.hostal.spi.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which runtime is taken, and that what it is given ready-made confines as much as what it makes itself.
@Tag("real")
@Timeout(120)
class RealRuntimesTest {
    private static final String CONFINED = "grep Seccomp: /proc/self/status; unshare -n true 2>/dev/null; echo $?";

    @RegisterExtension
    private final RealHost host = new RealHost();

    @Test void crunIsTriedOnceAndItsFilterConfines() throws Exception {
        assertThat(runtimeOf(host.driver())).isEqualTo("crun");
        assertThat(Folders.names(host.folders.filters())).hasSize(1);
        var filter = host.folders.filters().resolve(Folders.names(host.folders.filters()).iterator().next());
        assertThat(Files.size(filter)).isPositive();

        assertThat(host.run(host.driver(), shell(CONFINED), "")).isEqualTo("Seccomp:\t2\n1\n=0");
        assertThat(Folders.names(host.folders.filters())).hasSize(1);
    }

    @Test void withoutAKeptFilterTheListItselfConfines() throws Exception {
        host.run(host.driver(), program("true"), "");
        for (var name : Folders.names(host.folders.filters())) {
            Files.write(host.folders.filters().resolve(name), new byte[0]);
        }
        assertThat(host.run(host.driver(), shell(CONFINED), "")).isEqualTo("Seccomp:\t2\n1\n=0");
    }

    @Test void cgroupsAreReadOnlyWithCrun() throws Exception {
        assertThat(runtimeOf(host.driver())).isEqualTo("crun");
        cgroupsAreReadOnly(host.driver());
    }

    @Test void cgroupsAreReadOnlyWithRunc() throws Exception {
        cgroupsAreReadOnly(host.driver(0, Optional.empty()));
    }

    /// Limits are not a container's own to change, and whether it tries or asks the kernel: both say read-only.
    private void cgroupsAreReadOnly(ContainerMachines driver) throws Exception {
        var tried = host.run(driver, shell("""
                cd /sys/fs/cgroup; awk '$5 ~ "^/sys/fs/cgroup" { print $5, $6 }' /proc/self/mountinfo; echo --
                for folder in . */; do mkdir $folder/x 2>&1; done
                for file in */cgroup.procs */memory.limit_in_bytes */pids.max cgroup.procs memory.max pids.max; do
                    [ -e $file ] && (echo 1 > $file) 2>&1
                done; true
                """), "");
        var parts = tried.split("--\n");
        // Of mounts at the same place the last one is what is seen.
        var options = new HashMap<String, String>();
        parts[0].lines().forEach(line -> options.put(line.split(" ")[0], line.split(" ")[1]));
        assertThat(options).containsKey("/sys/fs/cgroup");
        assertThat(options.values()).allMatch(text -> text.matches("ro(,.*)?"), parts[0]);
        var refusals = parts[1].lines().filter(line -> !line.equals("=0")).toList();
        assertThat(refusals).hasSizeGreaterThan(2).allMatch(line -> line.contains("Read-only file system"));
    }

    @Test void aCrunThatDoesNotWorkIsPassedOver() throws Exception {
        var broken = host.home.resolve("crun");
        Files.writeString(broken, "#!/bin/sh\necho no cgroups for me >&2\nexit 1\n");
        Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwx------"));

        assertThat(runtimeOf(host.driver(0, Optional.of(broken)))).isEqualTo("runc");
        assertThat(runtimeOf(host.driver(0, Optional.<Path>empty()))).isEqualTo("runc");
    }

    private String runtimeOf(ContainerMachines driver) throws Exception {
        var machine = driver.start(host.spec(program("true")), Progress.NONE, soon());
        try {
            return machine.accelerator();
        } finally {
            driver.ensureAbsent(machine.id().brief());
        }
    }
}
