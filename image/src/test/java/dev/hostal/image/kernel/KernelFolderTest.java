package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFolderTest {
    private static final byte[] KERNEL = "the kernel".getBytes(StandardCharsets.US_ASCII);
    private static final List<ModuleTree.Module> MODULES = List.of(
            new ModuleTree.Module("virtio", List.of(), "one".getBytes(StandardCharsets.US_ASCII)),
            new ModuleTree.Module("virtio_blk", List.of("virtio"), "two".getBytes(StandardCharsets.US_ASCII)),
            new ModuleTree.Module("virtiofs", List.of(), "three".getBytes(StandardCharsets.US_ASCII)));

    @TempDir Path folder;

    @Test void theInitramfsHoldsTheAgentAndTheModulesInTheirOrder() throws Exception {
        var made = create("1").withAgent(agent("agent"));

        assertThat(made.release()).isEqualTo("6.1.0");
        assertThat(made.kernel()).hasBinaryContent(KERNEL);
        assertThat(list(made.initramfs())).containsExactly(
                "40755 dev", "40755 proc", "40755 sys", "40755 run", "40755 tmp", "40755 root", "40755 etc",
                "40755 lib", "40755 lib/hostal", "40755 lib/hostal/ko", "20600 dev/console 5:1",
                "100755 init = agent", "100644 lib/hostal/ko/virtio.ko = one",
                "100644 lib/hostal/ko/virtio_blk.ko = two", "100644 lib/hostal/ko/virtiofs.ko = three",
                "100644 lib/hostal/modules = /lib/hostal/ko/virtio.ko\n/lib/hostal/ko/virtio_blk.ko\n",
                "100644 lib/hostal/modules-shared = /lib/hostal/ko/virtiofs.ko\n");
    }

    @Test void anotherAgentGetsAnotherInitramfsAndTheSameOneTheSame() throws Exception {
        var kernel = create("1");
        var first = kernel.withAgent(agent("agent"));
        var time = Files.getLastModifiedTime(first.initramfs());
        assertThat(kernel.withAgent(agent("agent"))).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(first.initramfs())).isEqualTo(time);
        assertThat(kernel.withAgent(agent("a newer agent")).initramfs()).isNotEqualTo(first.initramfs());
    }

    @Test void theSameContentGivesTheSameBytes() throws Exception {
        var first = create("1").withAgent(agent("agent")).initramfs();
        var second = create("2").withAgent(agent("agent")).initramfs();
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test void whatWasInterruptedIsRemovedAndNeverTaken() throws Exception {
        var half = Files.createDirectories(folder.resolve(".new-123/ko"));
        Files.writeString(folder.resolve(".new-123/kernel"), "half");
        assertThat(KernelFolder.newestIn(folder)).isEmpty();
        assertThat(half).doesNotExist();
        assertThat(KernelFolder.newestIn(folder.resolve("none"))).isEmpty();
    }

    @Test void theLastMadeIsTaken() throws Exception {
        create("1");
        var second = create("2");
        assertThat(folder.resolve("1").toFile().setLastModified(1_000_000)).isTrue();
        assertThat(KernelFolder.newestIn(folder)).contains(second);
    }

    @Test void anAgentThatIsMissingLeavesNoInitramfs() throws Exception {
        var kernel = create("1");
        assertThatThrownBy(() -> kernel.withAgent(folder.resolve("missing"))).isInstanceOf(IOException.class);
        assertThat(folder.resolve("1").toFile().list()).containsExactlyInAnyOrder("kernel", "release", "ko", "modules");
    }

    private KernelFolder create(String key) throws IOException {
        return KernelFolder.create(folder, key, "6.1.0", file -> Files.write(file, KERNEL), MODULES);
    }

    private Path agent(String text) throws IOException {
        return Files.writeString(folder.resolve("agent"), text);
    }

    private static List<String> list(Path initramfs) throws IOException {
        var lines = new ArrayList<String>();
        try (var cpio = new CpioArchiveInputStream(Files.newInputStream(initramfs))) {
            for (var entry = cpio.getNextEntry(); entry != null; entry = cpio.getNextEntry()) {
                var line = Long.toOctalString(entry.getMode()) + " " + entry.getName();
                if (entry.isCharacterDevice()) {
                    line += " " + entry.getRemoteDeviceMaj() + ":" + entry.getRemoteDeviceMin();
                }
                if (entry.isRegularFile()) line += " = " + new String(cpio.readAllBytes(), StandardCharsets.US_ASCII);
                lines.add(line);
            }
        }
        return lines;
    }
}
