package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemCallsTest {
    @TempDir Path folder;

    @Test void dataIsFoundBetweenHoles() throws IOException {
        var file = folder.resolve("sparse");
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[64 << 10]), 1 << 20);
            channel.write(ByteBuffer.wrap(new byte[1]), (2 << 20) - 1);
        }
        assertThat(SparseFile.extents(file)).first().isEqualTo(new SparseFile.Extent(1 << 20, 64 << 10));
        assertThat(SparseFile.extents(file)).last().extracting(SparseFile.Extent::end).isEqualTo(2L << 20);
        assertThat(SparseFile.dataBytes(file)).isLessThan(1 << 20);
    }

    @Test void aMissingFileIsNamedWithTheReason() {
        assertThatThrownBy(() -> SparseFile.extents(folder.resolve("none")))
                .isInstanceOf(IOException.class).hasMessageMatching("opening .*none: No such file.*errno 2.");
    }

    @Test void knowsTheNumbersOfADevice() throws IOException {
        assertThat(DeviceNodes.read(Path.of("/dev/null")))
                .isEqualTo(new DeviceNodes.Device("c", 1, 3, 0666));
        assertThatThrownBy(() -> DeviceNodes.read(folder)).hasMessageContaining("is not a device");
    }

    @Test void packsLargeDeviceNumbersAsTheKernelDoes() {
        assertThat(DeviceNodes.number(10, 200)).isEqualTo(0xAC8);
        assertThat(DeviceNodes.number(259, 65537)).isEqualTo(0x10010301L);
    }

    @Test void knowsItself() throws IOException {
        var file = Files.createFile(folder.resolve("own"));
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(Ownership.ownUid());
        Ownership.change(file, Ownership.ownUid(), (int) Files.getAttribute(file, "unix:gid"));
    }

    @Test void onlyOneHoldsALock() throws IOException {
        var file = folder.resolve("lock");
        var first = FileLock.tryAcquire(file).orElseThrow();
        assertThat(FileLock.tryAcquire(file)).isEmpty();
        first.close();
        FileLock.tryAcquire(file).orElseThrow().close();
    }

    @Test void readsMountPointsWithBlanks() throws IOException {
        var mount = Mounts.parse("29 28 0:26 / /mnt/a\\040b\\134c rw,nosuid shared:5 master:1 - cgroup2 none rw,nsdelegate");
        assertThat(mount).isEqualTo(new Mounts.Mount(Path.of("/mnt/a b\\c"), "cgroup2", "rw,nsdelegate"));
        assertThat(Mounts.list()).anyMatch(each -> each.target().equals(Path.of("/proc")));
    }

    @Test void unmountingWhereNothingIsMountedIsDone() throws IOException {
        Mounts.ensureNoneBelow(folder);
    }

    @Test void findsProgramsOnlyInAbsoluteFolders() {
        var path = ProgramPath.of(Map.of("PATH", "relative:" + folder));
        assertThat(path.folders()).startsWith(folder).contains(Path.of("/usr/sbin")).doesNotContain(Path.of("relative"));
        assertThat(path.find("sh")).isPresent();
        assertThat(path.find("no-such-program")).isEmpty();
    }

    @Test void readsTheHost() throws IOException {
        var facts = HostFacts.read();
        assertThat(facts.memory().count()).isGreaterThan(facts.memoryAvailable().count());
        assertThat(facts.bootId()).hasSize(36);
        assertThat(HostFacts.diskFree(folder).count()).isPositive();
    }
}
