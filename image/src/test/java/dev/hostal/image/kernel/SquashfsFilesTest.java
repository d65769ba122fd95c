package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SquashfsFilesTest {
    @TempDir Path folder;

    @Test void takesFilesBelowThePathsAndNothingElse() throws Exception {
        var into = folder.resolve("into");
        SquashfsFiles.unpack(tar("boot/vmlinuz-1", "boot/vmlinuz-12", "./lib/modules/1/a.ko", "lib/modules/10/b.ko",
                "etc/passwd"), List.of("lib/modules/1", "boot/vmlinuz-1"), into);

        assertThat(into.resolve("boot/vmlinuz-1")).hasContent("boot/vmlinuz-1");
        assertThat(into.resolve("lib/modules/1/a.ko")).exists();
        assertThat(into.resolve("lib/modules/10")).doesNotExist();
        assertThat(into.resolve("boot/vmlinuz-12")).doesNotExist();
        assertThat(into.resolve("etc")).doesNotExist();
    }

    @Test void nothingLeadsOutOfTheFolder() throws Exception {
        var into = folder.resolve("into");
        assertThatThrownBy(() -> SquashfsFiles.unpack(tar("boot/../../outside"), List.of("boot"), into))
                .isInstanceOf(IOException.class);
        assertThat(folder.resolve("outside")).doesNotExist();

        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            var link = new TarArchiveEntry("boot/sub", TarConstants.LF_SYMLINK);
            link.setLinkName(folder.toString());
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
            put(tar, "boot/sub/outside");
        }
        SquashfsFiles.unpack(new ByteArrayInputStream(bytes.toByteArray()), List.of("boot"), into);
        assertThat(folder.resolve("outside")).doesNotExist();
    }

    private static InputStream tar(String... names) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            for (var name : names) put(tar, name);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static void put(TarArchiveOutputStream tar, String name) throws IOException {
        var content = name.getBytes();
        var entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
