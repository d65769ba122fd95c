package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyDisksTest {
    @TempDir Path folder;

    private void ensure(String failing, String stderr) throws IOException, InterruptedException {
        var disks = new EmptyDisks(folder.resolve("derived"), (command, _) ->
                command.argv().getFirst().equals(failing) ? new Exit(1, "", stderr) : new Exit(0, "", ""));
        disks.ensure(folder.resolve("disk.qcow2"), Bytes.mib(64), Deadline.in(Duration.ofSeconds(5)));
    }

    private void nothingIsLeft() throws IOException {
        assertThat(folder.resolve("disk.qcow2")).doesNotExist();
        assertThat(Folders.names(folder)).containsOnly("derived");
        assertThat(Folders.names(folder.resolve("derived"))).isEmpty();
    }

    @Test void aFullFileSystemIsSaidToBeFull() throws Exception {
        for (var program : new String[] {"mke2fs", "qemu-img"}) {
            assertThatThrownBy(() -> ensure(program, program + ": error while writing: No space left on device"))
                    .isInstanceOfSatisfying(Problem.class, problem -> {
                        assertThat(problem.code()).isEqualTo(ErrorCode.NO_SPACE);
                        assertThat(problem).hasMessageContaining("is full").hasMessageContaining("\nMaybe");
                    });
            nothingIsLeft();
        }
    }

    @Test void anotherFailureIsPassedOn() throws Exception {
        assertThatThrownBy(() -> ensure("mke2fs", "bad magic")).isInstanceOf(IOException.class)
                .hasMessageContaining("bad magic");
        nothingIsLeft();
    }

    @Test void aDiskThatIsThereStays() throws Exception {
        Files.writeString(folder.resolve("disk.qcow2"), "mine");
        ensure("mke2fs", "never run");
        assertThat(folder.resolve("disk.qcow2")).hasContent("mine");
    }
}
