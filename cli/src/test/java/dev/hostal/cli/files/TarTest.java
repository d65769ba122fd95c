package dev.hostal.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against GNU tar, both ways, and against archives that mean harm.
class TarTest {
    @TempDir Path folder;

    private Path tree() throws IOException {
        var tree = Files.createDirectories(folder.resolve("tree/sub/" + "deep/".repeat(40)));
        Files.writeString(tree.resolve("größe " + "x".repeat(120) + ".txt"), "long");
        var bytes = new byte[300_001];
        new Random(1).nextBytes(bytes);
        Files.write(folder.resolve("tree/random"), bytes);
        Files.writeString(folder.resolve("tree/empty"), "");
        Files.writeString(folder.resolve("tree/run.sh"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(folder.resolve("tree/run.sh"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.createSymbolicLink(folder.resolve("tree/link"), Path.of("run.sh"));
        Files.createSymbolicLink(folder.resolve("tree/long-link"), Path.of("y".repeat(150)));
        return folder.resolve("tree");
    }

    private static void tar(Path where, String... words) throws Exception {
        var argv = new ArrayList<>(List.of("tar"));
        argv.addAll(List.of(words));
        var process = new ProcessBuilder(argv).directory(where.toFile()).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static void same(Path one, Path other) throws Exception {
        var process = new ProcessBuilder("diff", "-r", "--no-dereference", one.toString(), other.toString())
                .redirectErrorStream(true).start();
        assertThat(new String(process.getInputStream().readAllBytes())).isEmpty();
        assertThat(Files.getPosixFilePermissions(other.resolve("run.sh")))
                .isEqualTo(Files.getPosixFilePermissions(one.resolve("run.sh")));
        assertThat(Files.getLastModifiedTime(other.resolve("random")).toMillis() / 1000)
                .isEqualTo(Files.getLastModifiedTime(one.resolve("random")).toMillis() / 1000);
    }

    private static int unpack(byte[] archive, Path target) throws IOException {
        var tar = new TarReader(new ByteArrayInputStream(archive));
        return new Unpacking(target).unpack(tar.next().orElseThrow(), tar);
    }

    @Test void whatWePackGnuTarUnpacks() throws Exception {
        var tree = tree();
        var archive = new ByteArrayOutputStream();
        Packing.pack(tree, "copy", false, archive);
        Files.write(folder.resolve("a.tar"), archive.toByteArray());

        tar(folder, "xf", "a.tar");

        same(tree, folder.resolve("copy"));
    }

    @Test void whatGnuTarPacksWeUnpack() throws Exception {
        var tree = tree();
        for (var format : new String[] {"gnu", "pax", "ustar"}) {
            if (format.equals("ustar")) {
                // It cannot hold long links and such names.
                Files.delete(tree.resolve("long-link"));
                tar(tree, "cf", "/dev/null", "random");
                try (var all = Files.walk(tree.resolve("sub"))) {
                    for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
            tar(folder, "cf", format, "--format=" + format, "tree");
            unpack(Files.readAllBytes(folder.resolve(format)), folder.resolve("from-" + format));
            same(tree, folder.resolve("from-" + format));
        }
    }

    @Test void whatWePackWeUnpackAlsoOntoWhatIsThere() throws Exception {
        var tree = tree();
        var archive = new ByteArrayOutputStream();
        Packing.pack(tree, "t", false, archive);
        var target = Files.createDirectory(folder.resolve("target"));
        Files.writeString(target.resolve("random"), "old");
        Files.writeString(folder.resolve("outside"), "untouched");
        Files.createSymbolicLink(target.resolve("empty"), folder.resolve("outside"));

        unpack(archive.toByteArray(), target);
        unpack(archive.toByteArray(), target);

        same(tree, target);
        assertThat(folder.resolve("outside")).hasContent("untouched");
    }

    private static byte[] archive(TarEntry... entries) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarWriter(bytes)) {
            for (var entry : entries) {
                tar.write(entry, InputStream.nullInputStream());
            }
        }
        return bytes.toByteArray();
    }

    private static TarEntry entry(String path, TarEntry.Type type, String link) {
        return new TarEntry(path, type, link, 0755, 0, 0);
    }

    @Test void nothingIsWrittenOutside() throws IOException {
        var target = folder.resolve("target");
        var top = entry("x", TarEntry.Type.FOLDER, "");
        Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(folder.resolve("secret"), "s");

        assertThatThrownBy(() -> unpack(archive(top, entry("x/../../evil", TarEntry.Type.FILE, "")), target))
                .hasMessageContaining("elsewhere");
        assertThatThrownBy(() -> unpack(archive(top, entry("x/out", TarEntry.Type.SYMBOLIC_LINK, folder + "/elsewhere"),
                entry("x/out/evil", TarEntry.Type.FILE, "")), target)).hasMessageContaining("symbolic link");
        assertThatThrownBy(() -> unpack(archive(top, entry("x/hard", TarEntry.Type.HARD_LINK, "x/../../secret")), target))
                .hasMessageContaining("elsewhere");
        assertThatThrownBy(() -> unpack(archive(top, entry("x/hard2", TarEntry.Type.HARD_LINK, "x/out/evil")), target))
                .isInstanceOf(IOException.class);
        // An absolute path is a path within.
        unpack(archive(top, entry("/x/etc", TarEntry.Type.FILE, "")), target);

        assertThat(target.resolve("etc")).exists();
        assertThat(folder.resolve("elsewhere")).isEmptyDirectory();
        assertThat(folder.resolve("evil")).doesNotExist();
        assertThat(Files.exists(target.resolve("out"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test void anyBytesAreAnArchiveOrRefused() throws IOException {
        var good = archive(entry("x", TarEntry.Type.FOLDER, ""), entry("x/" + "long".repeat(40), TarEntry.Type.FILE, ""));
        var random = new Random(20261123);
        for (int i = 0; i < 3000; i++) {
            var bytes = good.clone();
            for (int k = 0; k < 1 + i % 4; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            var cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            try {
                var tar = new TarReader(new ByteArrayInputStream(i % 2 == 0 ? bytes : cut));
                int entries = 0;
                while (tar.next().isPresent()) {
                    assertThat(++entries).isLessThan(100);
                }
            } catch (IOException refused) {
                assertThat(refused.getMessage()).as("seed 20261123, round %d", i).isNotBlank();
            }
        }
    }

    @Test void aFileThatShrinksIsSaid() throws IOException {
        try (var tar = new TarWriter(new ByteArrayOutputStream())) {
            assertThatThrownBy(() -> tar.write(new TarEntry("x", TarEntry.Type.FILE, "", 0644, 10, 0),
                    new ByteArrayInputStream(new byte[3]))).hasMessageContaining("became shorter");
        }
    }
}
