package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.Progress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Images from the package sources of this host.
@Tag("real")
class RealImagesTest {
    private static final Processes PROCESSES = RealHost.processes();

    @TempDir Path home;

    @ParameterizedTest
    @EnumSource(Arch.class)
    void tinyForEveryArchitecture(Arch arch) throws Exception {
        var packages = new PackageArchive(Path.of("/"), home.resolve("packages"), PROCESSES, Clock.systemUTC());
        var tiny = new TinyImage(packages, WorkPlaces.of(home), Clock.systemUTC());
        var reference = ImageReference.parse("tiny");
        assertThat(tiny.owns(reference)).isTrue();
        assertThat(tiny.offers(reference, arch)).isTrue();

        var started = System.nanoTime();
        var entries = new HashMap<String, TarArchiveEntry>();
        try (var built = tiny.build(reference, arch, Progress.NONE, Deadline.in(Duration.ofMinutes(2)));
                var tar = new TarArchiveInputStream(built.tar())) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) entries.put(entry.getName(), entry);
            assertThat(built.config().platform().arch()).contains(arch);
        }
        System.out.printf("%s: %.1f s, %d entries, busybox %d KiB%n", arch.word(), (System.nanoTime() - started) / 1e9,
                entries.size(), entries.get("usr/bin/busybox").getSize() >> 10);

        assertThat(entries).containsKeys("usr/bin/sh", "usr/bin/uname", "usr/bin/ip", "bin", "etc/passwd", "tmp/")
                .doesNotContainKeys("usr/bin/init");
        assertThat(entries.get("tmp/").getMode() & 07777).isEqualTo(01777);
    }
}
