package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Disks of Dockerfiles that boot: by QEMU alone, and as machines of Hostal's.
@Tag("real")
@ExtendWith(OneHome.class)
class VmDiskTest {
    /// Longer than a boot takes on a machine that is busy and only emulates.
    private static final Duration BOOT_MAX = Duration.ofMinutes(5);
    private static final String SIZE = "160M";
    /// Where the third partition begins: after 66 MiB.
    private static final long ROOT_AT = 66L << 20;

    private final Cli cli;

    @TempDir
    private Path folder;

    VmDiskTest(Cli cli) {
        this.cli = cli;
    }

    private String context(String dockerfile) throws IOException {
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        return folder.toString();
    }

    private Cli.Result build(String name, String dockerfile, String... more) throws Exception {
        var words = new ArrayList<>(List.of("build", "--progress", "plain", "--vm", "--size", SIZE, "-t", name));
        words.addAll(List.of(more));
        words.add(context(dockerfile));
        return cli.run(words.toArray(String[]::new));
    }

    private static String host(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s said %s", List.of(command), said).isZero();
        return said;
    }

    /// What a disk says on its serial line until it powers off, by QEMU alone, which keeps nothing.
    private static String booted(Path disk) throws Exception {
        var process = new ProcessBuilder("qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-display", "none",
                "-serial", "stdio", "-monitor", "none", "-nic", "none", "-no-reboot", "-drive", "file=" + disk
                + ",format=qcow2,if=virtio,snapshot=on").redirectErrorStream(true).start();
        process.getOutputStream().close();
        // Ends the reading below should the guest not end.
        var late = new AtomicBoolean();
        var watch = Thread.ofVirtual().start(() -> {
            try {
                late.set(!process.waitFor(BOOT_MAX.toSeconds(), TimeUnit.SECONDS));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
        });
        try (var said = process.getInputStream()) {
            var all = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            watch.join();
            assertThat(late.get()).as("whether the guest did not end, which said%n%s", all).isFalse();
            return all;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test void aDiskRunsItsProgramAloneAndWithHostal() throws Exception {
        Files.writeString(folder.resolve("greeting"), "hello from the disk\n");
        var text = """
                FROM tiny
                COPY --chown=33:44 --chmod=640 greeting /data/
                ENV WHO=everybody
                WORKDIR /data
                CMD ["/bin/sh", "-c", "cat greeting; echo for $WHO on $(tty)"]
                """;
        var file = folder.resolve("out.qcow2");
        var epoch = List.of("--build-arg", "SOURCE_DATE_EPOCH=1700000000");
        var built = build("vm-disk", text, epoch.get(0), epoch.get(1), "-o", "type=qcow2,dest=" + file).succeeded();
        assertThat(host("qemu-img", "info", file.toString())).contains("file format: qcow2").contains("160 MiB");
        assertThat(host("qemu-img", "check", "-q", file.toString())).isEmpty();
        var raw = folder.resolve("out.raw");
        host("qemu-img", "convert", "-O", "raw", file.toString(), raw.toString());
        var root = raw + "?offset=" + ROOT_AT;
        host("e2fsck", "-fn", root);
        assertThat(host("debugfs", "-R", "stat /data/greeting", root)).containsPattern("Mode:\\s+0640")
                .containsPattern("User:\\s+33\\s+Group:\\s+44");
        Files.delete(raw);
        Files.move(file, folder.resolveSibling(folder.getFileName() + ".qcow2"));
        var kept = folder.resolveSibling(folder.getFileName() + ".qcow2");
        try {
            assertThat(booted(kept)).contains("hello from the disk").contains("for everybody on /dev/ttyS0")
                    .contains("the program has ended with status 0");
        } finally {
            Files.delete(kept);
        }

        // Nothing is done twice, and what is done anew is the same.
        assertThat(build("vm-disk", text, epoch.get(0), epoch.get(1)).succeeded().err())
                .contains("taking the disk of a former build");
        assertThat(build("vm-disk", text, epoch.get(0), epoch.get(1), "--no-cache").succeeded().out()).isEqualTo(built.out());

        cli.run("run", "-d", "--vm", "--name", "of-disk", "vm-disk", "sleep", "100000").succeeded();
        assertThat(cli.run("exec", "of-disk", "cat", "/data/greeting").succeeded().out()).isEqualTo("hello from the disk\n");
        cli.run("exec", "of-disk", "sh", "-c", "echo changed > /data/greeting").succeeded();
        cli.run("snapshot", "create", "of-disk", "kept").succeeded();
        assertThat(cli.run("exec", "of-disk", "cat", "/data/greeting").succeeded().out()).isEqualTo("changed\n");
        cli.run("delete", "--force", "of-disk").succeeded();
        assertThat(cli.run("run", "--rm", "vm-disk", "true").endedWith(125).err())
                .contains("a disk that a virtual machine boots from");
        cli.run("image", "delete", "vm-disk").succeeded();
    }

    @Test void anImagesOwnKernelAndInitBoot() throws Exception {
        build("of-distribution", "FROM tiny\nCMD true\n").succeeded();
        var release = kernelIntoContext();
        Files.writeString(folder.resolve("init"), """
                #!/bin/sh
                echo "init of the image, process $$, kernel $(uname -r)"
                [ -e /dev/vport*p1 ] || echo o > /proc/sysrq-trigger
                while :; do sleep 1000; done
                """);
        build("own-kernel", "FROM tiny\nCOPY boot /boot/\nCOPY modules /lib/modules/\nCOPY --chmod=755 init /usr/lib/systemd/systemd\n").succeeded();
        var file = folder.resolve("out.qcow2");
        cli.run("image", "save", "--format", "qcow2", "-o", file.toString(), "own-kernel").succeeded();
        assertThat(booted(file)).contains("init of the image, process 1, kernel " + release);

        cli.run("run", "-d", "--vm", "--name", "own-kernel", "own-kernel").succeeded();
        assertThat(cli.run("exec", "own-kernel", "cat", "/proc/1/cmdline").succeeded().out())
                .contains("/usr/lib/systemd/systemd");
        assertThat(cli.run("exec", "own-kernel", "uname", "-r").succeeded().out()).isEqualTo(release + "\n");
        cli.run("delete", "--force", "own-kernel").succeeded();
        cli.run("image", "delete", "own-kernel").succeeded();
        cli.run("image", "delete", "of-distribution").succeeded();
    }

    /// Puts the distribution's kernel into the context, as a package of it would into an image.
    private String kernelIntoContext() throws IOException {
        Path made;
        try (var all = Files.list(cli.home().resolve("kernels/of-disks/x86_64"))) {
            made = all.findFirst().orElseThrow();
        }
        var release = Files.readString(made.resolve("release"));
        Files.createDirectories(folder.resolve("boot"));
        Files.copy(made.resolve("kernel"), folder.resolve("boot/vmlinuz-" + release));
        var modules = Files.createDirectories(folder.resolve("modules").resolve(release).resolve("kernel"));
        Files.walkFileTree(made.resolve("ko"), new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, modules.resolve(file.getFileName().toString()));
                return FileVisitResult.CONTINUE;
            }
        });
        // A package tells so what is built in; what was a module is beside it.
        Files.writeString(modules.resolveSibling("modules.builtin"), "kernel/fs/ext4/ext4.ko\n");
        return release;
    }

    @Test void whatCannotBeADiskIsRefusedInWords() throws Exception {
        var large = new byte[60 << 20];
        new Random(1).nextBytes(large);
        Files.write(folder.resolve("large"), large);
        assertThat(cli.run("build", "--progress", "plain", "--vm", "--size", "96M",
                context("FROM tiny\nCOPY large /\nCMD true\n")).endedWith(1).err())
                .contains("do not fit into the 29 MiB that the disk has for them").contains("--size");
        assertThat(build("nothing", "FROM scratch\nCOPY Dockerfile /\n").endedWith(1).err())
                .contains("neither an init nor a program to run");
        assertThat(cli.run("build", "--size", "1G", folder.toString()).endedWith(2).err()).contains("--size goes with --vm");
        assertThat(cli.run("build", "--vm", "--size", "1M", folder.toString()).endedWith(1).err()).contains("A disk has 96");
        assertThat(cli.run("image", "list").succeeded().out()).doesNotContain("nothing");
    }
}
