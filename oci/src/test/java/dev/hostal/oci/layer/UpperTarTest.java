package dev.hostal.oci.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.oci.layer.TarEntry.Device;
import dev.hostal.oci.layer.TarEntry.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpperTarTest {
    private static final LayerLimits LIMITS = new LayerLimits(20, new Bytes(1000), 10, new Bytes(4096));

    @Test void deletionsBecomeWhiteoutsAndBackAgain() throws IOException {
        var upper = new TestTar().folder("./", 0755).folder("./etc/", 0750).file("./etc/motd", "hi")
                .hardLink("./etc/other", "./etc/motd")
                .symbolicLink("./link", "../away")
                .add(device("./etc/gone"), "").add(device("./gone"), "")
                .add(TarEntry.directory("./new/",
                        TestTar.attributes(0700, Map.of("trusted.overlay.opaque", "y", "user.a", "b"))), "")
                .file("./new/x", "x");

        var layer = rewrite(upper.toBytes(), Set.of());

        assertThat(TestTar.lines(layer)).containsExactly("DIRECTORY 750 0:0 etc", "FILE 644 0:0 etc/motd hi",
                "HARD_LINK 644 0:0 etc/other -> etc/motd", "SYMBOLIC_LINK 777 0:0 link -> ../away",
                "FILE 0 0:0 etc/.wh.gone", "FILE 0 0:0 .wh.gone", "DIRECTORY 700 0:0 new  {user.a=b}",
                "FILE 0 0:0 new/.wh..wh..opq", "FILE 644 0:0 new/x x");
        var back = new ByteArrayOutputStream();
        new LayerRewriter(LIMITS, Survey.NONE).rewrite(new ByteArrayInputStream(layer), back);
        assertThat(TestTar.lines(back.toByteArray())).contains("CHARACTER_DEVICE 0 0:0 etc/gone 0:0",
                "CHARACTER_DEVICE 0 0:0 gone 0:0").anyMatch(line -> line.contains("trusted.overlay.opaque=y"));
    }

    @Test void placesOfMountsAreNoContent() throws IOException {
        var upper = new TestTar().folder("./dev/", 0755).file("./dev/.hostal", "").folder("./proc/", 0555).file("./etc/hosts", "")
                .file("./etc/hosts.allow", "kept").folder("./data/", 0755).file("./data/mine", "");

        assertThat(TestTar.lines(rewrite(upper.toBytes(), Set.of("data")))).containsExactly(
                "FILE 644 0:0 etc/hosts.allow kept", "FILE 644 0:0 data/mine");
    }

    @Test void whatIsOnlyAPartOfAFileIsRefused() throws IOException {
        for (var name : List.of("trusted.overlay.redirect", "trusted.overlay.metacopy")) {
            var upper = new TestTar().add(TarEntry.directory("moved", TestTar.attributes(0755, Map.of(name, "/old"))),
                    "").toBytes();
            assertThatThrownBy(() -> rewrite(upper, Set.of())).isInstanceOf(BadLayerException.class).hasMessageContaining(name);
        }
    }

    private static TarEntry device(String name) {
        return new TarEntry(Type.CHARACTER_DEVICE, name, "", 0, TestTar.attributes(0, Map.of()), Device.NONE);
    }

    private static byte[] rewrite(byte[] upper, Set<String> mounted) throws IOException {
        var out = new ByteArrayOutputStream();
        int entries = UpperTar.rewrite(new ByteArrayInputStream(upper), out, mounted);
        assertThat(TestTar.lines(out.toByteArray()).stream().filter(line -> !line.contains(".wh..wh..opq"))).hasSize(entries);
        return out.toByteArray();
    }
}
