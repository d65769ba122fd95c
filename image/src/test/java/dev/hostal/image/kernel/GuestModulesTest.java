package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.model.Arch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class GuestModulesTest {
    @TempDir Path folder;

    @BeforeEach void aKernelLikeDebians() throws IOException {
        module("drivers/virtio/virtio", "");
        module("drivers/virtio/virtio_ring", "");
        module("drivers/virtio/virtio_pci", "virtio,virtio_ring,virtio-pci-modern-dev");
        module("drivers/virtio/virtio_pci_modern_dev", "");
        module("drivers/block/virtio_blk", "virtio_ring,virtio");
        module("drivers/char/virtio_console", "virtio_ring,virtio");
        module("drivers/char/hw_random/virtio-rng", "virtio");
        module("net/core/failover", "");
        module("drivers/net/net_failover", "failover");
        module("drivers/net/virtio_net", "virtio,net_failover");
        module("fs/squashfs/squashfs", "");
        module("fs/ext4/ext4", "mbcache,jbd2");
        module("fs/mbcache", "");
        module("fs/jbd2/jbd2", "");
        module("fs/fuse/fuse", "");
        module("fs/fuse/virtiofs", "fuse,virtio,virtio_ring");
        module("sound/never_wanted", "");
        Files.writeString(folder.resolve("modules.builtin"), "kernel/fs/overlayfs/overlay.ko\nkernel/lib/crc16.ko\n");
    }

    @Test void dependenciesComeFirstAndBuiltInOnesNotAtAll() throws Exception {
        assertThat(names(Arch.X86_64)).containsExactly("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci",
                "virtio_rng", "virtio_blk", "virtio_console", "failover", "net_failover", "virtio_net", "squashfs",
                "mbcache", "jbd2", "ext4", "fuse", "virtiofs");
        assertThat(names(Arch.S390X)).doesNotContain("virtio_pci").contains("virtio_blk");
    }

    @Test void readsPackedAndBigEndianModules() throws Exception {
        Files.delete(folder.resolve("kernel/fs/squashfs/squashfs.ko"));
        var packed = new ByteArrayOutputStream();
        var plain = SampleElf.module(false, ByteOrder.BIG_ENDIAN, "license=GPL", "depends=jbd2");
        try (var xz = new XZOutputStream(packed, new LZMA2Options(0))) {
            xz.write(plain);
        }
        Files.write(folder.resolve("kernel/fs/squashfs/squashfs.ko.xz"), packed.toByteArray());

        var squashfs = ModuleTree.read(folder).load("squashfs");
        assertThat(squashfs.depends()).containsExactly("jbd2");
        assertThat(squashfs.bytes()).isEqualTo(plain);
    }

    @Test void namesAllThatTheKernelLacks() throws Exception {
        Files.delete(folder.resolve("kernel/fs/squashfs/squashfs.ko"));
        Files.delete(folder.resolve("kernel/drivers/net/virtio_net.ko"));
        assertThatThrownBy(() -> names(Arch.X86_64)).isInstanceOf(IOException.class)
                .hasMessageContaining("virtio_net, squashfs");
    }

    @Test void aCircleIsRefused() throws Exception {
        module("fs/mbcache", "jbd2");
        module("fs/jbd2/jbd2", "mbcache");
        assertThatThrownBy(() -> names(Arch.X86_64)).isInstanceOf(IOException.class)
                .hasMessageContaining("depend on each other");
    }

    @Test void aFileThatIsNoModuleIsNamed() throws Exception {
        Files.writeString(folder.resolve("kernel/fs/mbcache.ko"), "this is not an ELF file, however long it may be; not at all");
        assertThatThrownBy(() -> names(Arch.X86_64)).isInstanceOf(IOException.class).hasMessageContaining("ELF");
    }

    private List<String> names(Arch arch) throws IOException {
        return GuestModules.choose(ModuleTree.read(folder), arch).stream().map(ModuleTree.Module::name).toList();
    }

    private void module(String path, String depends) throws IOException {
        var file = folder.resolve("kernel").resolve(path + ".ko");
        Files.createDirectories(file.getParent());
        Files.write(file, SampleElf.module(true, ByteOrder.LITTLE_ENDIAN, "license=GPL", "depends=" + depends));
    }
}
