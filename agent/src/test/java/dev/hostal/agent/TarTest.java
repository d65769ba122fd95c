package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.spi.Unpacking;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Archives both ways, compared with the system's tar and with commons-compress.
@Timeout(60)
class TarTest {
    /// Where fields of a header begin that decide most: name, mode, size, type, link, prefix. Source: pax(1), ustar.
    private static final int[] FIELDS = {0, 100, 124, 156, 157, 345};

    @TempDir Path folder;
    private HostAgent agent;
    private AgentGuest guest;
    private Path tree;
    private Path target;

    @BeforeEach void start() throws Exception {
        agent = HostAgent.start(folder);
        guest = agent.configured();
        tree = Files.createDirectory(folder.resolve("tree"));
        target = Files.createDirectory(folder.resolve("target"));
    }

    @AfterEach void stop() {
        guest.close();
        agent.close();
    }

    private static void fill(Path tree) throws Exception {
        Files.writeString(tree.resolve("small"), "small");
        Files.writeString(tree.resolve("empty"), "");
        var large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        Files.write(tree.resolve("large"), large);
        var deep = tree.resolve("d".repeat(90)).resolve("e".repeat(90)).resolve("ü".repeat(60));
        Files.createDirectories(deep);
        Files.writeString(deep.resolve("x".repeat(200)), "deep");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("small"));
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("/no/" + "where/".repeat(40)));
        Files.createLink(tree.resolve("twin"), tree.resolve("large"));
        Files.createDirectory(tree.resolve("closed"));
        Files.writeString(tree.resolve("closed/within"), "within");
        Files.setPosixFilePermissions(tree.resolve("small"), PosixFilePermissions.fromString("rwx--x--x"));
        Files.setPosixFilePermissions(tree.resolve("closed"), PosixFilePermissions.fromString("r-x------"));
        run("mkfifo", tree.resolve("pipe").toString());
        run("chmod", "6755", tree.resolve("empty").toString());
        run("find", tree.toString(), "!", "-type", "l", "-exec", "touch", "-d", "@1000000000", "{}", "+");
    }

    private static String run(String... argv) throws Exception {
        var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", argv) + ": " + said).isZero();
        return said;
    }

    /// Everything that tar keeps of a tree, as GNU find prints it.
    private static List<String> facts(Path tree) throws Exception {
        var facts = new ArrayList<>(run("find", tree.toString(), "-printf", "%P %y %m %U %G %s %n %l %T@\n").lines()
                .map(line -> line.replaceFirst(" d (\\d+) (\\d+) (\\d+) \\d+ \\d+ ", " d $1 $2 $3 "))     // Sizes of folders differ.
                .map(line -> line.contains(" l ") ? line.replaceFirst(" [0-9.]+$", "") : line).toList());
        facts.sort(null);
        return facts;
    }

    private byte[] read(String path) throws Exception {
        try (var input = guest.readTar(path, soon())) {
            return input.readAllBytes();
        }
    }

    private void write(byte[] archive) throws Exception {
        try (var output = guest.writeTar(target.toString(), soon())) {
            output.write(archive);
        }
    }

    @Test void systemTarReadsWhatItWrites() throws Exception {
        fill(tree);
        var file = Files.write(folder.resolve("a.tar"), read(tree.toString()));
        run("tar", "-xpf", file.toString(), "-C", target.toString());
        assertThat(facts(target.resolve("tree"))).isEqualTo(facts(tree));
        assertThat(run("cmp", tree.resolve("large").toString(), target.resolve("tree/large").toString())).isEmpty();
    }

    @Test void readsWhatSystemTarWrites() throws Exception {
        fill(tree);
        for (var format : List.of("pax", "gnu", "posix")) {
            var file = folder.resolve("a.tar");
            run("tar", "-cf", file.toString(), "--format=" + format, "-C", folder.toString(), "tree");
            write(Files.readAllBytes(file));
            assertThat(facts(target.resolve("tree"))).as(format).isEqualTo(facts(tree));
            run("cmp", tree.resolve("large").toString(), target.resolve("tree/large").toString());
            run("rm", "-r", target.resolve("tree").toString());
        }
    }

    @Test void goesAroundByItself() throws Exception {
        fill(tree);
        write(read(tree.toString()));
        assertThat(facts(target.resolve("tree"))).isEqualTo(facts(tree));
        write(read(tree.toString()));
        assertThat(facts(target.resolve("tree"))).as("unpacked over itself").isEqualTo(facts(tree));
    }

    @Test void namesEntriesByTheLastPart() throws Exception {
        Files.writeString(tree.resolve("a"), "a");
        assertThat(names(read(tree + "/a"))).containsExactly("a");
        assertThat(names(read(tree + "/"))).containsExactly("tree/", "tree/a");
        assertThat(names(read(tree + "/."))).containsExactly("./", "./a");
    }

    private static List<String> names(byte[] archive) throws Exception {
        var names = new ArrayList<String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    @Test void readsWhatTheKernelMakesUp() throws Exception {
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(read("/proc/version")))) {
            tar.getNextEntry();
            assertThat(tar.readAllBytes()).asString().startsWith("Linux version");
        }
    }

    @Test void keepsDevicesAndOwners() throws Exception {
        assumeThat(run("id", "-u").strip()).as("only root makes devices").isEqualTo("0");
        run("mknod", tree.resolve("zero").toString(), "c", "1", "5");
        Files.writeString(tree.resolve("owned"), "x");
        run("chown", "-h", "3000000:77", tree.resolve("owned").toString());
        write(read(tree.toString()));
        assertThat(run("stat", "-c", "%t:%T %F", target.resolve("tree/zero").toString()).strip())
                .isEqualTo("1:5 character special file");
        assertThat(run("stat", "-c", "%u:%g", target.resolve("tree/owned").toString()).strip()).isEqualTo("3000000:77");
    }

    @Test void saysWhatIsNotThere() {
        assertThatThrownBy(() -> read("/no/such/file")).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.NOT_FOUND);
            assertThat(problem).hasMessageContaining("/no/such/file");
        });
        assertThatThrownBy(() -> guest.writeTar("/no/such/folder", soon())).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> guest.writeTar("/etc/passwd", soon()).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("Not a directory");
    }

    @Test void refusesToLeaveTheFolder() throws Exception {
        var outside = Files.createDirectory(folder.resolve("outside"));
        Files.createSymbolicLink(target.resolve("out"), outside);
        Files.createSymbolicLink(target.resolve("up"), Path.of(".."));
        Files.createDirectories(target.resolve("usr/lib"));
        Files.createSymbolicLink(target.resolve("lib"), Path.of("usr/lib"));
        refused("../evil", "would leave");
        refused("a/../../evil", "would leave");
        refused("out/evil", "would leave the folder by a link");
        refused("up/evil", "would leave the folder by a link");
        assertThatThrownBy(() -> write(archive(link("inner", TarArchiveEntry.LF_SYMLINK, outside.toString()),
                file("inner/evil"))))
                .hasMessageContaining("would leave the folder by a link");
        assertThatThrownBy(() -> write(archive(link("hard", TarArchiveEntry.LF_LINK, "../agent"))))
                .hasMessageContaining("would leave");
        assertThatThrownBy(() -> write(archive(link("hard", TarArchiveEntry.LF_LINK, "out/x"))))
                .hasMessageContaining("leave");
        assertThat(outside).isEmptyDirectory();
        assertThat(folder.resolve("evil")).doesNotExist();
        write(archive(file("/absolute"), file("./dot"), file("lib/inside"), folderEntry("lib/")));
        assertThat(target.resolve("absolute")).exists();
        assertThat(target.resolve("usr/lib/inside")).exists();
        assertThat(target.resolve("lib")).isSymbolicLink();
    }

    private void refused(String name, String why) {
        assertThatThrownBy(() -> write(archive(file(name)))).as(name).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test void replacesLinksInsteadOfFollowingThem() throws Exception {
        var victim = Files.writeString(folder.resolve("victim"), "untouched");
        Files.createSymbolicLink(target.resolve("name"), victim);
        write(archive(file("name")));
        assertThat(victim).hasContent("untouched");
        assertThat(Files.isSymbolicLink(target.resolve("name"))).isFalse();
        Files.createDirectory(target.resolve("sub"));
        assertThatThrownBy(() -> write(archive(file("sub")))).hasMessageContaining("Is a directory");
        assertThat(Files.isDirectory(target.resolve("sub"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test void refusesOrReplacesWhatIsOfTheOtherKind() throws Exception {
        Files.createDirectories(target.resolve("sub/deep"));
        Files.writeString(target.resolve("sub/deep/file"), "in it");
        Files.writeString(target.resolve("plain"), "a file");
        Files.createDirectory(target.resolve("real"));
        Files.createSymbolicLink(target.resolve("linked"), Path.of("real"));
        assertThatThrownBy(() -> write(Unpacking.Clash.REFUSED, "", file("sub")))
                .hasMessageContaining("cannot overwrite directory sub with non-directory");
        assertThatThrownBy(() -> write(Unpacking.Clash.REFUSED, "", folderEntry("plain/")))
                .hasMessageContaining("cannot overwrite non-directory plain with directory");
        write(Unpacking.Clash.REFUSED, "", folderEntry("sub/"), file("plain"), folderEntry("linked/"), file("linked/within"));
        assertThat(target.resolve("sub/deep/file")).hasContent("in it");
        assertThat(target.resolve("real/within")).exists();
        write(Unpacking.Clash.REPLACED, "", file("sub"), folderEntry("plain/"));
        assertThat(Files.isRegularFile(target.resolve("sub"))).isTrue();
        assertThat(Files.isDirectory(target.resolve("plain"))).isTrue();
    }

    @Test void givesAllToOneOwner() throws Exception {
        assumeThat(run("id", "-u").strip()).as("only root gives files away").isEqualTo("0");
        write(Unpacking.Clash.REFUSED, "nobody:12", file("one"), folderEntry("two/"),
                link("three", TarArchiveEntry.LF_SYMLINK, "one"));
        for (var name : List.of("one", "two", "three")) {
            assertThat(run("stat", "-c", "%U:%g", target.resolve(name).toString()).strip()).as(name).isEqualTo("nobody:12");
        }
        assertThatThrownBy(() -> write(Unpacking.Clash.REFUSED, "no-such-user", file("one")))
                .hasMessageContaining("no user no-such-user");
    }

    private void write(Unpacking.Clash clash, String owner, TarArchiveEntry... entries) throws Exception {
        try (var output = guest.writeTar(new Unpacking(target.toString(), owner, clash), soon())) {
            output.write(archive(entries));
        }
    }

    @Test void refusesWhatIsCutOffOrNoArchive() throws Exception {
        var whole = archive(file("a"), file("b"));
        for (int length : new int[] {0, 100, 512, 700, 1024, 1536, 1600}) {
            var cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> write(cut)).as("%d bytes", length).isInstanceOf(IOException.class)
                    .hasMessageContaining("ends in the middle");
        }
        assertThatThrownBy(() -> write("x".repeat(5000).getBytes(StandardCharsets.US_ASCII)))
                .hasMessageContaining("no tar archive");
        write(whole);
    }

    private static TarArchiveEntry file(String name) {
        var entry = new TarArchiveEntry(name, true);
        entry.setSize(4);
        return entry;
    }

    private static TarArchiveEntry folderEntry(String name) {
        return new TarArchiveEntry(name, true);
    }

    private static TarArchiveEntry link(String name, byte type, String to) {
        var entry = new TarArchiveEntry(name, type, true);
        entry.setLinkName(to);
        return entry;
    }

    private static byte[] archive(TarArchiveEntry... entries) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            for (var entry : entries) {
                tar.putArchiveEntry(entry);
                if (entry.getSize() > 0) tar.write("evil".getBytes(StandardCharsets.US_ASCII));
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    /// Any bytes give an unpacked folder or a sentence; nothing is ever outside, and the agent lives on.
    @Test void survivesDamagedArchives() throws Exception {
        fill(tree);
        Files.delete(tree.resolve("large"));
        Files.delete(tree.resolve("twin"));
        var good = read(tree.toString());
        var before = facts(tree);
        for (long seed = 0; seed < 150; seed++) {
            var random = new Random(seed);
            var bad = damaged(good, random);
            try {
                write(bad);
            } catch (IOException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("The guest's agent failed at unpacking files: ");
                assertThat(e.getMessage()).as("seed %d: a crash", seed).doesNotMatch("(?s).*ended with 1[23]\\d.*");
            }
            assertThat(facts(tree)).as("seed %d", seed).isEqualTo(before);
            run("rm", "-rf", target.toString());
            Files.createDirectory(target);
        }
        write(good);
    }

    private static byte[] damaged(byte[] good, Random random) {
        var bad = good.clone();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int block = random.nextInt(bad.length / 512) * 512;
            // Fields of headers are hit often, and half of the damaged headers get a right checksum again.
            int field = FIELDS[random.nextInt(FIELDS.length)];
            int at = block + (random.nextBoolean() ? random.nextInt(512) : field + random.nextInt(10));
            bad[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : "0127/.xLKg=\n ".charAt(random.nextInt(13)));
            if (random.nextBoolean()) repair(bad, block);
        }
        return bad;
    }

    private static void repair(byte[] archive, int block) {
        Arrays.fill(archive, block + 148, block + 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) sum += archive[block + i] & 0xff;
        System.arraycopy("%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII), 0, archive, block + 148, 8);
    }
}
