package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.ImportSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images to and from a docker daemon of the test's own; reported as skipped where none can be started.
@Tag("real")
@Timeout(120)
class DockerInterchangeTest {
    private static final ImageReference APP = ImageReference.parse("team/app:1");

    @TempDir
    private Path folder;

    private LocalImages open(String name) throws IOException {
        var host = new HostOfTests();
        var options = RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()));
        return LocalImages.open(folder.resolve(name), new LocalImages.Services(new Registries(options), List.of(),
                new SimKernels(), host, host));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    private byte[] docker(byte[] stdin, String... words) throws Exception {
        var argv = new ArrayList<>(List.of("docker", "--host", "unix://" + folder.resolve("s")));
        argv.addAll(List.of(words));
        return Tools.run(stdin, argv.toArray(String[]::new));
    }

    /// It needs no network, no bridge and no overlay: only its store is of interest.
    private Process startDocker() throws Exception {
        assertThat(new HostOfTests().findProgram("dockerd")).as("dockerd, of the package docker.io").isPresent();
        var process = new ProcessBuilder("dockerd", "--data-root", folder.resolve("data").toString(),
                "--exec-root", folder.resolve("exec").toString(), "--host", "unix://" + folder.resolve("s"),
                "--pidfile", folder.resolve("pid").toString(), "--iptables=false", "--bridge=none",
                "--storage-driver=vfs").redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        for (int i = 0; i < 100 && process.isAlive(); i++) {
            if (Files.exists(folder.resolve("s")) && Files.readString(folder.resolve("log")).contains("API listen on")) {
                return process;
            }
            Thread.sleep(200);
        }
        end(process);
        throw new AssertionError("dockerd does not start here: " + Files.readString(folder.resolve("log")));
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }

    @Test void whatWeSaveDockerLoadsAndTheOtherWayRound() throws Exception {
        var images = open("images");
        var tar = new Tars().folder("etc").file("etc/name", "one").file("bin/tool", "#!/bin/sh\n").toBytes();
        var program = new Images.Program(List.of("/bin/tool"), List.of("-v"), List.of("A=b"), "7", "/etc", "SIGINT");
        images.importRoot(new ByteArrayInputStream(tar), new ImportSpec(APP, Arch.X86_64, program, Map.of("who", "me"),
                Instant.EPOCH), Progress.NONE, soon());
        var archive = new ByteArrayOutputStream();
        images.save(List.of(APP), Optional.empty(), ArchiveForm.DOCKER, Compression.KEEP, archive, soon());
        var docker = startDocker();
        try {
            assertThat(docker(archive.toByteArray(), "load")).asString(UTF_8).contains("Loaded image: team/app:1");
            assertThat(docker(new byte[0], "inspect", "--format",
                    "{{.Config.Entrypoint}} {{.Config.Cmd}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}} "
                            + "{{.Config.Labels}}", "team/app:1")).asString(UTF_8)
                    .isEqualToIgnoringNewLines("[/bin/tool] [-v] 7 /etc SIGINT map[who:me]");
            docker(new byte[0], "tag", "team/app:1", "team/other:2");
            var theirs = docker(new byte[0], "save", "team/app:1", "team/other:2");
            var other = open("other");
            var loaded = other.load(new ByteArrayInputStream(theirs), Optional.empty(), Progress.NONE, soon());
            assertThat(loaded.getLast().references()).containsExactly(APP, ImageReference.parse("team/other:2"));
            assertThat(loaded.getLast().program()).isEqualTo(program);
            var layers = other.prepare(loaded.getLast().digest(), false, Progress.NONE, soon()).layers();
            assertThat(StackedLayers.show(layers)).containsKeys("etc/name", "bin/tool");
        } finally {
            end(docker);
        }
    }
}
