package dev.hostal.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is generated for an OCI runtime, on a small host of merged /usr.
class DomainBundleTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir Path host;

    @BeforeEach void makeHost() throws IOException {
        for (var folder : List.of("usr/bin", "usr/lib", "etc/alternatives", "lib32")) {
            Files.createDirectories(host.resolve(folder));
        }
        Files.createSymbolicLink(host.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(host.resolve("lib"), Path.of("usr/lib"));
        for (var file : List.of("etc/ld.so.cache", "etc/resolv.conf", "etc/hosts", "etc/shadow")) {
            Files.createFile(host.resolve(file));
        }
    }

    @Test void everything() throws IOException {
        var limits = new Limits(Optional.of(Bytes.mib(640)), Optional.of(1.5), OptionalInt.of(64));
        var spec = new DomainSpec("vm-1", List.of("/usr/bin/qemu-system-x86_64", "-M", "q35"), List.of("HOME=/tmp"),
                "/vm", Path.of("/var/log/vm-1"), 200_001, 200_002,
                List.of(new Bind(Path.of("/srv/vm-1"), "/vm", true), Bind.readOnly(Path.of("/srv/images"))),
                List.of(Path.of("/dev/null")), limits, true);

        golden("everything.json", new DomainBundle(host).config(spec, "/hostal-1/vm-1").toJson().toPrettyText());
    }

    @Test void nothingButAProgram() throws IOException {
        golden("nothing.json", new DomainBundle(host).config(plain(List.of()), "/hostal-1/a").toJson().toPrettyText());
    }

    @Test void writesTheSameBundleTwice() throws IOException {
        var folder = Files.createDirectory(host.resolve("bundle"));
        new DomainBundle(host).write(plain(List.of()), "/hostal-1/a", folder);
        new DomainBundle(host).write(plain(List.of()), "/hostal-1/a", folder);

        assertThat(folder.resolve("config.json")).isNotEmptyFile();
        assertThat(Files.readSymbolicLink(folder.resolve("rootfs/bin"))).isEqualTo(Path.of("usr/bin"));
        assertThat(folder.resolve("rootfs/lib32")).doesNotExist();
    }

    @Test void refusesADeviceThatIsNone() {
        assertThatThrownBy(() -> new DomainBundle(host).config(plain(List.of(host)), "/hostal-1/a"))
                .isInstanceOf(IOException.class).hasMessageContaining("is not a device");
    }

    @Test void refusesWhatCannotBeMeant() {
        assertThatThrownBy(() -> Bind.readOnly(Path.of("relative"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bind(Path.of("/a"), "/b/../c", true)).isInstanceOf(IllegalArgumentException.class);
        for (var name : List.of("", "A", "-a", "a/b", "..", "a".repeat(64))) {
            assertThat(DomainSpec.isName(name)).as(name).isFalse();
        }
    }

    private static DomainSpec plain(List<Path> devices) {
        return new DomainSpec("a", List.of("/usr/bin/true"), List.of(), "/", Path.of("/var/log/a"), 65534, 65534,
                List.of(), devices, Limits.NONE, false);
    }

    /// `-Dgolden.update=true` rewrites the files; the diff is then the review.
    private void golden(String name, String text) throws IOException {
        var actual = text.replace(host.toString(), "HOST") + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(GOLDEN.resolve(name), actual);
        }
        assertThat(actual).isEqualTo(Files.readString(GOLDEN.resolve(name)));
    }
}
