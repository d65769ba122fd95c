package dev.hostal.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// The launcher in a fresh copy of the sources, under a path with spaces. The order is that of a user's first hour:
/// each build takes as long as it takes, so there is one copy for all.
@Tag("real")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LauncherTest {
    private static final int RUN_SECONDS_MAX = 300;
    private static Path folder;
    private static Path clone;

    private record Result(int status, String out, String err) {}

    @BeforeAll static void copySources() throws Exception {
        folder = Files.createTempDirectory(Path.of("/tmp"), "hostal launcher ");
        clone = folder.resolve("a clone");
        var root = Path.of("..").toRealPath();
        var list = new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
                .directory(root.toFile()).start();
        for (var name : new String(list.getInputStream().readAllBytes()).split("\0")) {
            if (!Files.isRegularFile(root.resolve(name))) continue;
            Files.createDirectories(clone.resolve(name).getParent());
            Files.copy(root.resolve(name), clone.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    @AfterAll static void deleteSources() throws IOException {
        try (var all = Files.walk(folder)) {
            for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static ProcessBuilder hostal(Path launcher, String... words) {
        var argv = new ArrayList<String>();
        argv.add(launcher.toString());
        argv.addAll(List.of(words));
        var builder = new ProcessBuilder(argv);
        builder.environment().put("HOSTAL_HOME", folder.resolve("home").toString());
        builder.environment().put("HOSTAL_NO_TRAINING", "1");
        return builder;
    }

    private static Result result(ProcessBuilder builder) throws Exception {
        var out = Files.createTempFile(folder, "out", "");
        var err = Files.createTempFile(folder, "err", "");
        var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertThat(process.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static Result run(String... words) throws Exception {
        return result(hostal(clone.resolve("hostal"), words));
    }

    private static List<String> builds() throws IOException {
        try (var all = Files.list(clone.resolve("build"))) {
            return all.filter(Files::isDirectory).map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// A folder of programs without those named: what a poorer machine has in its PATH.
    private static Path pathWithout(String... names) throws IOException {
        var bin = Files.createTempDirectory(folder, "bin");
        for (var system : List.of("/usr/bin", "/bin")) {
            try (var all = Files.list(Path.of(system))) {
                for (var program : all.toList()) {
                    var name = program.getFileName().toString();
                    var link = bin.resolve(name);
                    if (!List.of(names).contains(name) && !Files.exists(link)) Files.createSymbolicLink(link, program);
                }
            }
        }
        return bin;
    }

    @Order(1)
    @Test void withoutAJdkItSaysWhatToDo() throws Exception {
        var builder = hostal(clone.resolve("hostal"), "version");
        builder.environment().put("PATH", pathWithout("java", "javac", "apt-get").toString());
        builder.environment().put("HOSTAL_JDKS", "");
        builder.environment().remove("JAVA_HOME");

        var result = result(builder);

        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).contains("No JDK 25 or newer was found").contains("Maybe unpack a JDK 25");
    }

    @Order(2)
    @Test void withoutMavenItSaysWhatToDo() throws Exception {
        var builder = hostal(clone.resolve("hostal"), "version");
        builder.environment().put("PATH", pathWithout("mvn", "apt-get").toString());
        builder.environment().remove("MAVEN_HOME");

        var result = result(builder);

        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).contains("no mvn is in PATH").contains("Maybe install the package maven");
    }

    @Order(3)
    @Test void anOlderJdkThatIsNamedIsPassedOver() throws Exception {
        var old = Files.createDirectories(folder.resolve("old jdk/bin")).getParent();
        for (var program : List.of("java", "javac")) {
            Files.createSymbolicLink(old.resolve("bin").resolve(program), Path.of("/bin/false"));
        }
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        var builder = hostal(clone.resolve("hostal"), "--print-java-home");
        builder.environment().put("JAVA_HOME", old.toString());

        var result = result(builder);

        assertThat(result.status()).isZero();
        assertThat(Path.of(result.out().strip()).resolve("release")).content()
                .containsPattern("JAVA_VERSION=\"(2[5-9]|[3-9]\\d)");
    }

    @Order(4)
    @Test void anInterruptedBuildLeavesNothingHalf() throws Exception {
        var builder = hostal(clone.resolve("hostal"), "version").redirectErrorStream(true);
        // Whoever runs the tests in the background has told them to ignore this signal.
        builder.command().addAll(0, List.of("env", "--default-signal=INT,QUIT"));
        var process = builder.start();
        while (!Files.exists(clone.resolve("build/build.log"))) {
            Thread.sleep(50);
        }
        Thread.sleep(1500);
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(new String(process.getInputStream().readAllBytes())).contains("the build was interrupted");
        assertThat(builds()).isEmpty();
    }

    @Order(5)
    @Test void twoFirstRunsBuildOnce() throws Exception {
        var one = hostal(clone.resolve("hostal"), "help").redirectErrorStream(true).start();
        var other = hostal(clone.resolve("hostal"), "help").redirectErrorStream(true).start();
        var said = new String(one.getInputStream().readAllBytes()) + new String(other.getInputStream().readAllBytes());

        assertThat(one.waitFor()).as(said).isZero();
        assertThat(other.waitFor()).as(said).isZero();
        assertThat(said.lines().filter(line -> line.startsWith("hostal: building"))).hasSize(1);
        assertThat(said.lines().filter(line -> line.startsWith("hostal: waiting for the build"))).hasSize(1);
        assertThat(said.lines().filter(line -> line.startsWith("Usage: hostal"))).hasSize(2);
        assertThat(builds()).hasSize(1);
    }

    @Order(6)
    @Test void nothingIsBuiltAgainWhileNothingChanges() throws Exception {
        assertThat(run("version").err()).isEmpty();
        var link = Files.createSymbolicLink(folder.resolve("hostal"), clone.resolve("hostal"));
        var result = result(hostal(link, "version").directory(folder.toFile()));
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
    }

    @Order(7)
    @Test void aTouchedSourceIsBuiltToTheSameBuild() throws Exception {
        var before = builds();
        var source = clone.resolve("cli/src/main/java/dev/hostal/cli/Main.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now()));

        assertThat(run("version").err()).contains("building");

        assertThat(builds()).isEqualTo(before);
        assertThat(run("version").err()).isEmpty();
    }

    @Order(8)
    @Test void aSourceThatDoesNotCompileIsSaidAndTheNextBuildIsAnother() throws Exception {
        var before = builds();
        var source = clone.resolve("cli/src/main/java/dev/hostal/cli/Build.java");
        var text = Files.readString(source);
        Files.writeString(source, text.replace("\"unknown\"", "unknown"));

        var failed = run("version");

        assertThat(failed.status()).isEqualTo(125);
        assertThat(failed.err()).contains("Build.java").contains("the build failed").contains("build.log");
        Files.writeString(source, text.replace("\"unknown\"", "\"nobody knows\""));
        assertThat(run("version").status()).isZero();
        assertThat(builds()).hasSize(1).isNotEqualTo(before);
    }

    @Order(9)
    @Test void aCacheThatDoesNotFitHurtsNobody() throws Exception {
        var build = clone.resolve("build").resolve(builds().getFirst());
        for (var bytes : List.of(new byte[0], new byte[100_000], Files.readAllBytes(build.resolve("cli.classpath")))) {
            Files.write(build.resolve("cli.aot"), bytes);
            var result = run("version");
            assertThat(result.status()).isZero();
            assertThat(result.out()).startsWith("hostal ");
            assertThat(result.err()).isEmpty();
        }
        Files.delete(build.resolve("cli.aot"));
    }

    @Order(10)
    @Test void theSettingsOfOtherJavaProgramsDoNotMeddle() throws Exception {
        var builder = hostal(clone.resolve("hostal"), "version");
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Xmx1k");

        assertThat(result(builder).err()).isEmpty();
    }
}
