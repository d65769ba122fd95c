package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
    @TempDir
    private Path root;

    @Test void whatALinkPointsToStays() throws IOException {
        var kept = Files.writeString(Files.createDirectory(root.resolve("kept")).resolve("file"), "text");
        var folder = Files.createDirectories(root.resolve("folder/inner")).getParent();
        Files.createSymbolicLink(folder.resolve("inner/link"), kept.getParent());
        Files.createSymbolicLink(folder.resolve("dangling"), root.resolve("nowhere"));

        Folders.ensureAbsent(folder);
        Folders.ensureAbsent(folder);

        assertThat(folder).doesNotExist();
        assertThat(kept).hasContent("text");
    }

    @Test void aLinkToAFolderIsRemovedAndNotTheFolder() throws IOException {
        var kept = Files.writeString(Files.createDirectory(root.resolve("kept")).resolve("file"), "text");
        var link = Files.createSymbolicLink(root.resolve("link"), kept.getParent());

        Folders.ensureAbsentWithMounts(link);

        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(kept).hasContent("text");
    }

    @Test void namesAreThoseInTheFolderAlone() throws IOException {
        Files.createDirectories(root.resolve("b/inner"));
        Files.createFile(root.resolve("a"));

        assertThat(Folders.names(root)).containsExactly("a", "b");
        assertThat(Folders.names(root.resolve("none"))).isEmpty();
    }

    @Test void permissionsAreThoseAskedForAlsoWhereTheFolderIsThere() throws IOException {
        var folder = Files.createDirectory(root.resolve("folder"));

        Folders.ensurePrivate(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");

        Folders.ensure(folder, "rwxrwxrwx");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwxrwxrwx");
    }

    @Test void nothingIsUsedWhereNothingIs() throws IOException {
        assertThat(Folders.used(root.resolve("none"))).isEqualTo(Bytes.ZERO);
    }
}
