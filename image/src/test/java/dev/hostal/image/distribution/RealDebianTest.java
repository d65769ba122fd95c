package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.linux.DebianPackages;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Debian image from the package sources of this host; needs root.
@Tag("real")
class RealDebianTest {
    private static final Processes PROCESSES = RealHost.processes();
    private static final Deadline DEADLINE = Deadline.in(Duration.ofMinutes(8));

    @TempDir Path home;
    private Path places;

    @BeforeEach void placeInMemory() throws IOException {
        places = Files.createTempDirectory(Path.of("/dev/shm"), "hostal-test-");
    }

    @AfterEach void removePlace() throws IOException {
        Folders.ensureAbsentWithMounts(places);
    }

    @ParameterizedTest
    @ValueSource(strings = {"debian:12", "debian:trixie-slim"})
    void isAWholeSystem(String reference) throws Exception {
        var stages = new ArrayList<String>();
        var started = System.nanoTime();
        var entries = new HashMap<String, TarArchiveEntry>();
        try (var built = debian().build(ImageReference.parse(reference), Arch.X86_64,
                        (stage, _, _) -> stages.add(stage), DEADLINE);
                var tar = new TarArchiveInputStream(built.tar())) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName().replaceFirst("^\\./", ""), entry);
            }
        }
        System.out.printf("%s: %.1f s, %d files, %d MiB%n", reference, (System.nanoTime() - started) / 1e9,
                entries.size(), entries.values().stream().mapToLong(TarArchiveEntry::getSize).sum() >> 20);

        assertThat(entries).containsKeys("usr/bin/bash", "usr/lib/systemd/systemd", "usr/sbin/sshd", "usr/bin/apt",
                        "etc/systemd/system/hostal-ssh-keys.service", "etc/systemd/system/sockets.target.wants/ssh.socket")
                .doesNotContainKeys("etc/ssh/ssh_host_rsa_key", "etc/apt/apt.conf.d/99mmdebstrap", "usr/share/perl/5.36.0/",
                        "etc/systemd/system/multi-user.target.wants/ssh.service");
        assertThat(entries.get("etc/machine-id").getSize()).isZero();
        assertThat(entries.get("sbin").getLinkName()).isEqualTo("usr/sbin");
        assertThat(entries.keySet().stream().anyMatch(name -> name.startsWith("usr/share/man/man")))
                .isEqualTo(!reference.endsWith("slim"));
        var system = reference.contains("trixie") ? "Debian trixie" : "Debian bookworm";
        assertThat(stages.stream().distinct()).containsExactly("asking for the packages of " + system,
                "installing the packages of " + system, "packing " + system);
        assertThat(places).isEmptyDirectory();
    }

    @Test void whatIsBrokenOffLeavesNothing() throws Exception {
        var built = debian().build(ImageReference.parse("debian:12"), Arch.X86_64, Progress.NONE, DEADLINE);
        Thread.sleep(4_000);
        assertThat(places.resolve("a")).isNotEmptyDirectory();
        built.close();

        assertThat(places).isEmptyDirectory();
        assertThat(ProcessHandle.current().descendants().map(child -> child.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains("mmdebstrap"));
        assertThatThrownBy(() -> built.tar().read()).isInstanceOf(IOException.class);
        built.close();
    }

    @Test void aMirrorThatIsNotThereIsSaidAtTheEndOfTheStream() throws Exception {
        var root = home.resolve("host");
        Files.createDirectories(root.resolve("etc/apt"));
        Files.writeString(root.resolve("etc/os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
        Files.writeString(root.resolve("etc/apt/sources.list"), "deb http://127.0.0.1:9/debian bookworm main\n");
        try (var built = debian(root).build(ImageReference.parse("debian:12"), Arch.X86_64, Progress.NONE, DEADLINE)) {
            assertThatThrownBy(() -> built.tar().readAllBytes()).isInstanceOf(IOException.class)
                    .cause().isInstanceOf(Problem.class).hasMessageContaining("mmdebstrap ended with status");
        }
        assertThat(places).isEmptyDirectory();
    }

    private DebianImage debian() {
        return debian(Path.of("/"));
    }

    private DebianImage debian(Path hostRoot) {
        return new DebianImage(hostRoot, Arch.X86_64, PROCESSES, DebianPackages.ofHost(PROCESSES, Map.copyOf(System.getenv())),
                new WorkPlaces(List.of(places.resolve("a"), home.resolve("work"))), Clock.systemUTC(), true);
    }
}
