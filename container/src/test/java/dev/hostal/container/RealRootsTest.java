package dev.hostal.container;

import static dev.hostal.container.RealHost.shell;
import static dev.hostal.container.RealHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.Roots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a container has written, read from outside while it runs and when it has ended.
@Tag("real")
@Timeout(120)
class RealRootsTest {
    @RegisterExtension
    private final RealHost host = new RealHost();
    private ContainerMachines driver;

    @BeforeEach void begin() throws Exception {
        driver = host.driver();
    }

    @AfterEach void removeAll() throws Exception {
        for (var name : driver.known()) {
            driver.ensureAbsent(name);
        }
    }

    @Test void changesAreToldWhileItRunsAndAfterwards() throws Exception {
        var spec = host.spec(shell("""
                rm /etc/group; echo new > /etc/new; chmod 700 /home; rm /top; mkdir /top; touch /top/x
                mkdir -p /a/b; echo deep > /a/b/c; rm -r /tmp; mkdir /tmp; ln -s /etc /a/link; echo done > /dev/shm/done; exec sleep 1000
                """));
        running(spec);
        var told = List.of("A /a", "A /a/b", "A /a/b/c", "A /a/link", "C /etc", "D /etc/group", "A /etc/new", "C /home",
                "C /top", "A /top/x");

        assertThat(changes(spec)).containsExactlyElementsOf(told);
        var whole = list(spec, true);
        assertThat(whole).contains("./a/b/c", "./etc/new", "./bin/busybox", "./top/x")
                .doesNotContain("./etc/group", "./dev/shm/done");

        driver.ensureStopped(spec.id().brief());

        assertThat(changes(spec)).containsExactlyElementsOf(told);
        assertThat(list(spec, true)).isEqualTo(whole);
        assertThat(list(spec, false)).contains("./etc/group", "./a/link").doesNotContain("./bin/busybox");
    }

    @Test void oneThatNeverRanHasChangedNothingAndHasAllOfItsImage() throws Exception {
        var spec = host.spec(shell("true"));

        assertThat(changes(spec)).isEmpty();
        assertThat(list(spec, true)).contains("./bin/busybox", "./top");
    }

    private void running(MachineSpec spec) throws Exception {
        var machine = driver.start(spec, Progress.NONE, soon());
        machine.guest().runMain(false, soon());
        RealHost.waitForProgram(machine, "sleep 1000");
    }

    private Roots roots() {
        return driver.roots().orElseThrow();
    }

    private List<String> changes(MachineSpec spec) throws Exception {
        return roots().changes(spec.id(), Optional.empty(), host.image, soon()).stream()
                .map(change -> change.sort().name().charAt(0) + " " + change.path()).toList();
    }

    /// Names in the archive, as another program reads it.
    private List<String> list(MachineSpec spec, boolean whole) throws Exception {
        var names = new StringBuilder();
        Roots.Reading reading = tar -> {
            var process = new ProcessBuilder("tar", "-t").start();
            var reader = Thread.ofVirtual().start(() -> {
                try {
                    names.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            try (var stdin = process.getOutputStream()) {
                tar.transferTo(stdin);
            }
            reader.join();
            assertThat(process.waitFor()).isZero();
        };
        if (whole) roots().readAll(spec.id(), Optional.empty(), host.image, reading, soon());
        else roots().readWritten(spec.id(), Optional.empty(), reading, soon());
        return names.toString().lines().toList();
    }
}
