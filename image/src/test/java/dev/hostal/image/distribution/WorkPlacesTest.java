package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkPlacesTest {
    @TempDir Path folder;

    @Test void takesTheFirstPlaceWithRoom() throws Exception {
        var places = new WorkPlaces(List.of(folder.resolve("first"), folder.resolve("home/work")));

        try (var small = places.folder(Bytes.mib(1)); var large = places.folder(new Bytes(Long.MAX_VALUE))) {
            assertThat(small.path()).hasParentRaw(folder.resolve("first"));
            assertThat(large.path()).hasParentRaw(folder.resolve("home/work"));
        }
        assertThat(folder.resolve("first")).doesNotExist();
        assertThat(folder.resolve("home")).isEmptyDirectory();
    }

    @Test void aPlaceStaysWhileAnotherFolderIsInIt() throws Exception {
        var places = new WorkPlaces(List.of(folder.resolve("only")));
        try (var _ = places.folder(Bytes.ZERO)) {
            places.folder(Bytes.ZERO).close();
            assertThat(folder.resolve("only")).isNotEmptyDirectory();
        }
        assertThat(folder.resolve("only")).doesNotExist();
    }

    @Test void passesOverAPlaceThatSomeoneElseMayHavePrepared() throws Exception {
        Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("elsewhere"));
        Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(folder.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));
        var last = folder.resolve("last");

        for (var name : List.of("link", "open")) {
            try (var work = new WorkPlaces(List.of(folder.resolve(name), last)).folder(Bytes.ZERO)) {
                assertThat(work.path()).hasParentRaw(last);
            }
        }
    }

    @Test void emptiesWhatAnEarlierDaemonLeftWithoutFollowingLinks() throws Exception {
        var places = new WorkPlaces(List.of(folder.resolve("a"), folder.resolve("b")));
        var kept = Files.writeString(folder.resolve("kept"), "kept");
        Files.createDirectories(folder.resolve("a/w1/deep"));
        Files.createSymbolicLink(folder.resolve("a/w1/deep/link"), folder);
        Files.writeString(folder.resolve("a/w1/file"), "left");

        places.ensureEmpty(RealHost.processes(), Deadline.in(Duration.ofMinutes(1)));
        places.ensureEmpty(RealHost.processes(), Deadline.in(Duration.ofMinutes(1)));

        assertThat(folder.resolve("a")).doesNotExist();
        assertThat(kept).hasContent("kept");
    }

    @Test void theSameHomeHasTheSamePlaces() {
        assertThat(WorkPlaces.of(Path.of("/a"))).isEqualTo(WorkPlaces.of(Path.of("/a")))
                .isNotEqualTo(WorkPlaces.of(Path.of("/b")));
    }
}
