package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which numbers of the host a container's users have.
class OwnUsersTest {
    @TempDir
    private Path folder;

    @Test void eachContainerHasARangeOfItsOwnByItsId() throws Exception {
        var none = folder.resolve("none");
        assertThat(OwnUsers.of("000001aaaaaa", none).map()).isEqualTo("0 1073807360 65536");
        assertThat(OwnUsers.of("000001bbbbbb", none)).isEqualTo(OwnUsers.of("000001aaaaaa", none));
        assertThat(OwnUsers.of("ffffffffffff", none).first()).isLessThan(1L << 31)
                .isEqualTo(OwnUsers.FIRST + (OwnUsers.SLOTS - 1) * OwnUsers.COUNT);
    }

    @Test void whatTheHostGivesIsUsed() throws Exception {
        var subuid = folder.resolve("subuid");
        Files.writeString(subuid, "ann:100000:65536\nhostal:200000:10\nhostal:x:y\nhostal:300000:131072\n");
        assertThat(OwnUsers.of("000002aaaaaa", subuid).first()).isEqualTo(300_000);
        assertThat(OwnUsers.of("000003aaaaaa", subuid).first()).isEqualTo(365_536);
    }
}
