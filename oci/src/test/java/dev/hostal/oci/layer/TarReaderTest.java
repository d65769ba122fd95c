package dev.hostal.oci.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against archives of GNU tar, in each of its formats.
class TarReaderTest {
    @TempDir
    private Path folder;

    private byte[] gnuTar(String... options) throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of("tar", "-C", folder.toString(), "--numeric-owner", "--owner=0", "--group=0",
                "--sort=name", "-c"));
        argv.addAll(List.of(options));
        argv.add(".");
        var tar = new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        var bytes = tar.getInputStream().readAllBytes();
        assertThat(tar.waitFor()).isZero();
        return bytes;
    }

    @Test void readsEveryFormat() throws Exception {
        var deep = "d".repeat(90) + "/" + "e".repeat(90) + "/ünïcode";
        Files.createDirectories(folder.resolve(deep).getParent());
        Files.writeString(folder.resolve(deep), "deep");
        Files.createSymbolicLink(folder.resolve("s"), Path.of("x".repeat(130)));
        Files.createLink(folder.resolve("t"), folder.resolve(deep));
        var name = new String(deep.getBytes(UTF_8), ISO_8859_1);
        for (var format : List.of("gnu", "pax", "posix")) {
            assertThat(TestTar.lines(gnuTar("--format=" + format, "--mode=u=rwX,go="))).as(format).containsExactly(
                    "DIRECTORY 700 0:0 ./",
                    "DIRECTORY 700 0:0 ./" + "d".repeat(90) + "/",
                    "DIRECTORY 700 0:0 ./" + "d".repeat(90) + "/" + "e".repeat(90) + "/",
                    "FILE 600 0:0 ./" + name + " deep",
                    "SYMBOLIC_LINK 700 0:0 ./s -> " + "x".repeat(130),
                    "HARD_LINK 600 0:0 ./t -> ./" + name);
        }
    }

    @Test void whatWeWriteGnuTarReads() throws Exception {
        var tar = new TestTar().folder("d", 0750).file("d/" + "n".repeat(200), "content").hardLink("l", "d/" + "n".repeat(200))
                .symbolicLink("s", "t".repeat(300)).toBytes();
        var list = new ProcessBuilder("tar", "--numeric-owner", "-tvf", "-").redirectErrorStream(true).start();
        try (var stdin = list.getOutputStream()) {
            stdin.write(tar);
        }
        var lines = new String(list.getInputStream().readAllBytes(), UTF_8).lines()
                .map(line -> line.replaceFirst("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d ", "").replaceAll(" +", " ")).toList();
        assertThat(list.waitFor()).isZero();
        assertThat(lines).containsExactly("drwxr-x--- 0/0 0 d", "-rw-r--r-- 0/0 7 d/" + "n".repeat(200),
                "hrw-r--r-- 0/0 0 l link to d/" + "n".repeat(200), "lrwxrwxrwx 0/0 0 s -> " + "t".repeat(300));
    }

    @Test void sparseFilesAreReadWithTheirZeros() throws Exception {
        Files.writeString(folder.resolve("before"), "before");
        var random = new Random(7);
        for (int holes : new int[] {0, 1, 3, 40, 300}) {
            try (var file = FileChannel.open(folder.resolve("hole" + holes),
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (int i = 0; i <= holes; i++) {
                    var piece = new byte[1 + random.nextInt(9000)];
                    random.nextBytes(piece);
                    file.write(ByteBuffer.wrap(piece), i * 65_536L);
                }
            }
        }
        try (var file = new RandomAccessFile(folder.resolve("nothing").toFile(), "rw")) {
            file.setLength(5_000_000);
        }
        Files.writeString(folder.resolve("z"), "after");
        for (var form : List.of(List.of("--format=gnu"), List.of("--format=posix", "--sparse-version=0.0"),
                List.of("--format=posix", "--sparse-version=0.1"), List.of("--format=posix", "--sparse-version=1.0"))) {
            var options = new ArrayList<>(form);
            options.add("--sparse");
            var tar = gnuTar(options.toArray(String[]::new));
            assertThat(tar.length).as("is sparse").isLessThan(3_000_000);
            var reader = new TarReader(new ByteArrayInputStream(tar));
            int files = 0;
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                if (next.get().type() != TarEntry.Type.FILE) continue;
                var content = new ByteArrayOutputStream();
                reader.copyContent(content);
                assertThat(content.toByteArray()).as("%s %s", form, next.get().name())
                        .isEqualTo(Files.readAllBytes(folder.resolve(next.get().name())));
                assertThat(next.get().size()).isEqualTo(content.size());
                files++;
            }
            assertThat(files).isEqualTo(8);
            // What is skipped is skipped altogether.
            var names = new ArrayList<String>();
            reader = new TarReader(new ByteArrayInputStream(tar));
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                names.add(next.get().name());
            }
            assertThat(names).hasSize(9).endsWith("./z");
        }
    }

    @Test void damagedMapsOfSparseFilesAreRefused() {
        for (var map : List.of("0", "5,x", "5,3,2,1", "0,-1", "0,99", "9999999999999999999,1")) {
            assertThatThrownBy(() -> SparseMap.ofList(map, 10)).as(map).isInstanceOf(BadLayerException.class);
        }
        assertThatThrownBy(() -> SparseMap.ofList("", -1)).isInstanceOf(BadLayerException.class);
        for (var map : List.of("2\n0\n1\n", "-1\n", "1000000\n", "1\n" + "9".repeat(40) + "\n")) {
            var bytes = Arrays.copyOf(map.getBytes(UTF_8), 512);
            assertThatThrownBy(() -> SparseMap.inContent(new ByteArrayInputStream(bytes), 10, 512)).as(map)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test void whatIsNoTarIsRefused() {
        assertThatThrownBy(() -> TestTar.lines("this is no tar archive".repeat(40).getBytes(UTF_8)))
                .isInstanceOf(BadLayerException.class);
    }

    @Test void compressionIsToldFromTheFirstBytes() throws IOException {
        var tar = new TestTar().file("a", "content").toBytes();
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(tar);
        }
        for (var blob : List.of(tar, gzip.toByteArray(), Zstd.compress(tar))) {
            try (var in = LayerCompression.open(new ByteArrayInputStream(blob))) {
                assertThat(in.readAllBytes()).isEqualTo(tar);
            }
        }
        var cut = Arrays.copyOf(gzip.toByteArray(), gzip.size() - 12);
        assertThatThrownBy(() -> LayerCompression.open(new ByteArrayInputStream(cut)).readAllBytes())
                .isInstanceOf(IOException.class);
        var zstdCut = Arrays.copyOf(Zstd.compress(tar), 20);
        assertThatThrownBy(() -> LayerCompression.open(new ByteArrayInputStream(zstdCut)).readAllBytes())
                .isInstanceOf(IOException.class);
    }
}
