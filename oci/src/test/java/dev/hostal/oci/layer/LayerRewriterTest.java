package dev.hostal.oci.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.oci.layer.TarEntry.Attributes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class LayerRewriterTest {
    private static final LayerLimits SMALL = new LayerLimits(20, new Bytes(1000), 10, new Bytes(4096));

    private record Rewritten(LayerFacts facts, List<String> lines) {}

    private static Rewritten rewrite(byte[] tar, Survey survey) throws IOException {
        var out = new ByteArrayOutputStream();
        var facts = new LayerRewriter(SMALL, survey).rewrite(new ByteArrayInputStream(tar), out);
        return new Rewritten(facts, TestTar.lines(out.toByteArray()));
    }

    private static List<String> lines(TestTar tar) throws IOException {
        return rewrite(tar.toBytes(), Survey.NONE).lines;
    }

    private static List<String> surveyed(TestTar tar) throws IOException {
        var bytes = tar.toBytes();
        assertThatThrownBy(() -> rewrite(bytes, Survey.NONE)).isInstanceOf(RepeatedEntryException.class);
        return rewrite(bytes, Survey.of(new ByteArrayInputStream(bytes), SMALL)).lines;
    }

    // ---- what is kept

    @Test void namesAreMadePlainAndFoldersComeLast() throws IOException {
        assertThat(lines(new TestTar().folder("./", 0700).folder("./etc/", 01777).file("./etc//motd", "hi")
                .file("/abs", "x"))).containsExactly(
                "FILE 644 0:0 etc/motd hi",
                "FILE 644 0:0 abs x",
                "DIRECTORY 700 0:0 ./",
                "DIRECTORY 1777 0:0 etc");
    }

    @Test void everythingAboutAFileIsKept() throws IOException {
        var capability = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n=ÿ";
        var attributes = new Attributes(06755, 3_000_000, 4_000_000_000L, 5_000_000_000L,
                Map.of("security.capability", capability, "user.a", "b"));
        var tar = new TestTar()
                .add(new TarEntry(Type.FILE, "n".repeat(120) + "é", "", 2, attributes, Device.NONE), "ab")
                .symbolicLink("long", "t".repeat(200))
                .add(new TarEntry(Type.BLOCK_DEVICE, "sda", "", 0, TestTar.attributes(0660, Map.of()),
                        new Device(8, 300_000)), "")
                .add(new TarEntry(Type.FIFO, "pipe", "", 0, TestTar.attributes(0600, Map.of()), Device.NONE), "")
                .hardLink("link", "./long");
        var lines = lines(tar);
        assertThat(lines.getFirst()).startsWith("FILE 6755 3000000:4000000000 " + "n".repeat(120) + "é ab {")
                .contains("security.capability=" + capability).contains("user.a=b");
        assertThat(lines.subList(1, 5)).containsExactly(
                "SYMBOLIC_LINK 777 0:0 long -> " + "t".repeat(200),
                "BLOCK_DEVICE 660 0:0 sda 8:300000",
                "FIFO 600 0:0 pipe",
                "HARD_LINK 644 0:0 link -> long");
    }

    @Test void attributesThatWouldSteerOverlayfsAreDropped() throws IOException {
        var attributes = TestTar.attributes(0644, Map.of("trusted.overlay.redirect", "/secret",
                "trusted.overlay.opaque", "y", "trusted.other", "kept", "system.posix_acl_access", "x"));
        assertThat(lines(new TestTar().add(new TarEntry(Type.FILE, "f", "", 0, attributes, Device.NONE), "")))
                .containsExactly("FILE 644 0:0 f  {trusted.other=kept}");
    }

    // ---- whiteouts

    @Test void aWhiteoutBecomesADevice() throws IOException {
        assertThat(lines(new TestTar().file("etc/.wh.motd", "").file(".wh.top", "").file(".wh..wh.plnk", "")))
                .containsExactlyInAnyOrder(
                "CHARACTER_DEVICE 0 0:0 etc/motd 0:0",
                "CHARACTER_DEVICE 0 0:0 top 0:0");
    }

    @Test void anOpaqueMarkerBecomesAnAttributeWhereverItStands() throws IOException {
        var expected = "DIRECTORY 700 0:0 d  {trusted.overlay.opaque=y}";
        assertThat(lines(new TestTar().folder("d", 0700).file("d/.wh..wh..opq", ""))).containsExactly(expected);
        assertThat(lines(new TestTar().file("d/.wh..wh..opq", "").folder("d", 0700))).containsExactly(expected);
        assertThat(lines(new TestTar().file("d/.wh..wh..opq", ""))).containsExactly(
                "DIRECTORY 755 0:0 d  {trusted.overlay.opaque=y}");
    }

    @Test void aWhiteoutWithItsReplacementIsTheReplacement() throws IOException {
        assertThat(lines(new TestTar().file(".wh.f", "").file("f", "new"))).containsExactly("FILE 644 0:0 f new");
        assertThat(lines(new TestTar().folder("d", 0700).file(".wh.d", "").file("d/x", "new"))).containsExactly(
                "FILE 644 0:0 d/x new",
                "DIRECTORY 700 0:0 d  {trusted.overlay.opaque=y}");
    }

    @Test void anOpaqueRootHidesAllLowerLayers() throws IOException {
        var facts = rewrite(new TestTar().file(".wh..wh..opq", "").toBytes(), Survey.NONE).facts;
        assertThat(facts.removed()).containsExactly("");
    }

    // ---- names that stand twice

    @Test void theLastOfTwoCounts() throws IOException {
        assertThat(surveyed(new TestTar().file("a", "old").file("b", "x").file("a", "new"))).containsExactly(
                "FILE 644 0:0 b x", "FILE 644 0:0 a new");
        assertThat(surveyed(new TestTar().file("a", "old").folder("a", 0700).file("a/b", "x"))).containsExactly(
                "FILE 644 0:0 a/b x", "DIRECTORY 700 0:0 a");
        assertThat(surveyed(new TestTar().folder("a", 0700).file("a", "new"))).containsExactly(
                "FILE 644 0:0 a new");
        assertThat(lines(new TestTar().folder("a", 0700).folder("a", 0711))).containsExactly(
                "DIRECTORY 711 0:0 a");
    }

    @Test void whatIsBothFolderAndFileIsRefused() {
        assertThatThrownBy(() -> surveyed(new TestTar().symbolicLink("a", "/etc").file("a/passwd", "evil")))
                .isInstanceOf(BadLayerException.class).hasMessageContaining("'a' is a folder and something else");
        assertThatThrownBy(() -> surveyed(new TestTar().file("a/b", "x").file("a", "y")))
                .isInstanceOf(BadLayerException.class);
    }

    // ---- hostile layers

    @Test void whatLeadsOutIsRefused() {
        for (var name : List.of("../x", "a/../../x", "a/..", "..", "./../x", "/../x")) {
            assertThatThrownBy(() -> lines(new TestTar().file(name, ""))).as(name)
                    .isInstanceOf(BadLayerException.class).hasMessageContaining("leads out");
        }
        assertThatThrownBy(() -> lines(new TestTar().file("a/.wh...", ""))).isInstanceOf(BadLayerException.class);
        assertThatThrownBy(() -> lines(new TestTar().file(".wh.", ""))).isInstanceOf(BadLayerException.class);
        assertThatThrownBy(() -> lines(new TestTar().file("x".repeat(256), ""))).isInstanceOf(BadLayerException.class);
        assertThatThrownBy(() -> lines(new TestTar().file("a/".repeat(3000), ""))).isInstanceOf(BadLayerException.class);
        assertThatThrownBy(() -> lines(new TestTar().file(".", ""))).isInstanceOf(BadLayerException.class);
    }

    @Test void hardLinksThatLeadNowhereAreRefused() {
        assertThatThrownBy(() -> lines(new TestTar().hardLink("a", "../../etc/shadow")))
                .isInstanceOf(BadLayerException.class).hasMessageContaining("leads out");
        assertThatThrownBy(() -> lines(new TestTar().hardLink("a", "b")))
                .isInstanceOf(BadLayerException.class).hasMessageContaining("'b', which is no file");
        assertThatThrownBy(() -> lines(new TestTar().hardLink("a", "a"))).isInstanceOf(BadLayerException.class);
        assertThatThrownBy(() -> lines(new TestTar().hardLink("a", "b").hardLink("b", "a")))
                .isInstanceOf(BadLayerException.class).hasMessageContaining("leads to itself");
        assertThatThrownBy(() -> lines(new TestTar().folder("d", 0700).hardLink("a", "d")))
                .isInstanceOf(BadLayerException.class);
    }

    @Test void tooMuchIsRefused() {
        assertThatThrownBy(() -> {
            var tar = new TestTar();
            for (int i = 0; i < 21; i++) {
                tar.folder("d" + i, 0700);
            }
            lines(tar);
        }).isInstanceOf(BadLayerException.class).hasMessageContaining("more than 20 entries");
        assertThatThrownBy(() -> lines(new TestTar().file("a", "x".repeat(600)).file("b", "x".repeat(600))))
                .isInstanceOf(BadLayerException.class).hasMessageContaining("more than 1000 B");
    }

    @Test void aBombIsRefusedWhileItUnfolds() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[1 << 20]);
        }
        var bomb = packed.toByteArray();
        try (var tar = LayerTar.ofBlob(new ByteArrayInputStream(bomb), bomb.length, SMALL)) {
            assertThatThrownBy(tar::finish).isInstanceOf(BadLayerException.class).hasMessageContaining("proportion");
        }
    }

    @Test void aCutOffLayerIsNoLayer() throws IOException {
        var tar = new TestTar().file("a", "x".repeat(600)).toBytes();
        for (int length : List.of(100, 511, 513, 700, 1535)) {
            assertThatThrownBy(() -> rewrite(Arrays.copyOf(tar, length), Survey.NONE)).as("%d", length)
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test void anyBytesGiveALayerOrADeclaredFailure() throws IOException {
        var random = new Random(7);
        var tar = new TestTar().folder("d", 0700).file("d/.wh.x", "").file("n".repeat(150), "content")
                .hardLink("l", "n".repeat(150)).symbolicLink("s", "d").toBytes();
        for (int round = 0; round < 20_000; round++) {
            var damaged = tar.clone();
            int block = 512 * random.nextInt(damaged.length / 512);
            for (int i = 0; i <= random.nextInt(4); i++) {
                damaged[block + random.nextInt(512)] = (byte) random.nextInt(256);
            }
            if (random.nextBoolean()) mend(damaged, block);
            try {
                rewrite(damaged, Survey.NONE);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    // A checksum that fits lets the damage through to what reads the fields.
    private static void mend(byte[] tar, int block) {
        var header = new TarHeader(Arrays.copyOfRange(tar, block, block + 512));
        var digits = "%06o\0 ".formatted(header.checksum()).getBytes(ISO_8859_1);
        System.arraycopy(digits, 0, tar, block + 148, 8);
    }

    // ---- facts

    @Test void pathsOfInterestAreNoted() throws IOException {
        var tar = new TestTar().symbolicLink("sbin/init", "/lib/systemd/systemd").file("usr/lib/systemd/systemd", "")
                .file("boot/vmlinuz-6.1.0", "").file("lib/modules/6.1.0/kernel/a.ko", "").file("etc/.wh.passwd", "")
                .file("lib/.wh.modules", "").file("bin/sh", "");
        var facts = rewrite(tar.toBytes(), Survey.NONE).facts;
        assertThat(facts.found()).isEqualTo(Map.of("sbin/init", "/lib/systemd/systemd", "usr/lib/systemd/systemd", "",
                "boot/vmlinuz-6.1.0", "", "lib/modules/6.1.0", ""));
        assertThat(facts.removed()).containsExactly("lib/modules");
        assertThat(facts.entries()).isEqualTo(7);
        assertThat(LayerFacts.parse(facts.toText())).isEqualTo(facts);
    }
}
