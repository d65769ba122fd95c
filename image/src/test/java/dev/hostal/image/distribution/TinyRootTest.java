package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class TinyRootTest {
    /// The table lies between other texts; one that only starts like it comes before.
    private static final byte[] BUSYBOX = ("\177ELF[\0[[\0zzz\0" + "code"
            + "\0[\0[[\0ar\0cat\0init\0linuxrc\0ls\0mount\0sh\0uname\0"
            + "/var/log/wtmp\0sh\0").getBytes(StandardCharsets.ISO_8859_1);

    @Test void readsTheCommandsOutOfTheProgram() throws Exception {
        assertThat(Applets.of(BUSYBOX))
                .containsExactly("[", "[[", "ar", "cat", "init", "linuxrc", "ls", "mount", "sh", "uname");
        assertThatThrownBy(() -> Applets.of("[\0[[\0ls\0".getBytes(StandardCharsets.US_ASCII))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Applets.of(new byte[0])).isInstanceOf(IOException.class);
    }

    @Test void theRootHoldsWhatASystemNeedsAndNoInit() throws Exception {
        var lines = new ArrayList<String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(TinyRoot.tar(BUSYBOX)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                assertThat(entry.getLongUserId() + entry.getLongGroupId()).as(entry.getName()).isZero();
                lines.add("%o %s%s".formatted(entry.getMode() & 07777, entry.getName(),
                        entry.isSymbolicLink() ? " -> " + entry.getLinkName() : ""));
            }
        }
        assertThat(lines).contains("700 root/", "1777 tmp/", "1777 var/tmp/", "755 usr/bin/busybox",
                        "777 usr/bin/sh -> busybox", "777 usr/bin/[ -> busybox", "777 bin -> usr/bin",
                        "777 sbin -> usr/bin", "644 etc/passwd", "777 var/run -> ../run")
                .noneMatch(line -> line.contains("/init") || line.contains("linuxrc"))
                .doesNotHaveDuplicates();
        assertThat(TinyRoot.tar(BUSYBOX)).isEqualTo(TinyRoot.tar(BUSYBOX));
    }
}
