package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignProgramsTest {
    /// As Linux 6 prints them.
    private static final String HANDLER =
            "%s\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: %s\noffset 0\nmagic 7f454c46\nmask ffffffff\n";

    @TempDir
    private Path folder;

    @Test void onlyAHandlerThatIsOnAndOpenCounts() throws Exception {
        var programs = new ForeignPrograms(folder, folder.resolve("rules"));
        assertThat(programs.run("aarch64")).isFalse();
        Files.writeString(folder.resolve("qemu-aarch64"), HANDLER.formatted("enabled", "POCF"));
        Files.writeString(folder.resolve("qemu-arm"), HANDLER.formatted("disabled", "POCF"));
        Files.writeString(folder.resolve("qemu-s390x"), HANDLER.formatted("enabled", "PO"));
        Files.writeString(folder.resolve("qemu-ppc64le"), HANDLER.formatted("enabled", "F"));
        assertThat(programs.run("aarch64")).isTrue();
        assertThat(programs.run("arm")).isFalse();
        assertThat(programs.run("s390x")).isFalse();
        assertThat(programs.run("ppc64le")).isTrue();
    }

    @Test void anInstalledEmulatorIsToldToTheKernel() throws Exception {
        var rules = Files.createDirectory(folder.resolve("rules"));
        var programs = new ForeignPrograms(folder, rules);
        var rule = ":qemu-%s:M::\\x7fELF:\\xff\\xff:%s:%s";
        Files.createFile(folder.resolve("register"));
        assertThat(programs.ensure("riscv64")).as("no rule").isFalse();
        Files.writeString(rules.resolve("qemu-s390x.conf"), rule.formatted("s390x", "/bin/true", "OP"));
        Files.writeString(rules.resolve("qemu-arm.conf"), rule.formatted("arm", "/nowhere/qemu-arm", "OPF"));
        assertThat(programs.ensure("s390x")).as("not opened").isFalse();
        assertThat(programs.ensure("arm")).as("no program").isFalse();
        assertThat(folder.resolve("register")).isEmptyFile();
        Files.writeString(rules.resolve("qemu-aarch64.conf"), rule.formatted("aarch64", "/bin/true", "OPF") + "\n");
        programs.ensure("aarch64");
        assertThat(folder.resolve("register")).hasContent(rule.formatted("aarch64", "/bin/true", "OPF"));
    }
}
