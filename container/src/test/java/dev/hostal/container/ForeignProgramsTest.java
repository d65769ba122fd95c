package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.Arch;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignProgramsTest {
    /// As Linux 6 prints them.
    private static final String HANDLER = "%s\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: %s\noffset 0\nmagic 7f454c46\nmask ffffffff\n";

    @TempDir
    private Path folder;

    @Test void onlyAHandlerThatIsOnAndOpenCounts() throws Exception {
        var programs = new ForeignPrograms(folder, folder.resolve("rules"));
        assertThat(programs.run(Arch.AARCH64)).isFalse();
        Files.writeString(folder.resolve("qemu-aarch64"), HANDLER.formatted("enabled", "POCF"));
        Files.writeString(folder.resolve("qemu-arm"), HANDLER.formatted("disabled", "POCF"));
        Files.writeString(folder.resolve("qemu-s390x"), HANDLER.formatted("enabled", "PO"));
        Files.writeString(folder.resolve("qemu-ppc64le"), HANDLER.formatted("enabled", "F"));
        assertThat(programs.run(Arch.AARCH64)).isTrue();
        assertThat(programs.run(Arch.ARMHF)).isFalse();
        assertThat(programs.run(Arch.S390X)).isFalse();
        assertThat(programs.run(Arch.PPC64LE)).isTrue();
    }

    @Test void anInstalledEmulatorIsToldToTheKernel() throws Exception {
        var rules = Files.createDirectory(folder.resolve("rules"));
        var programs = new ForeignPrograms(folder, rules);
        var rule = ":qemu-%s:M::\\x7fELF:\\xff\\xff:%s:%s";
        Files.createFile(folder.resolve("register"));
        assertThat(programs.ensure(Arch.RISCV64)).as("no rule").isFalse();
        Files.writeString(rules.resolve("qemu-s390x.conf"), rule.formatted("s390x", "/bin/true", "OP"));
        Files.writeString(rules.resolve("qemu-arm.conf"), rule.formatted("arm", "/nowhere/qemu-arm", "OPF"));
        assertThat(programs.ensure(Arch.S390X)).as("not opened").isFalse();
        assertThat(programs.ensure(Arch.ARMHF)).as("no program").isFalse();
        assertThat(folder.resolve("register")).isEmptyFile();
        Files.writeString(rules.resolve("qemu-aarch64.conf"), rule.formatted("aarch64", "/bin/true", "OPF") + "\n");
        programs.ensure(Arch.AARCH64);
        assertThat(folder.resolve("register")).hasContent(rule.formatted("aarch64", "/bin/true", "OPF"));
    }
}
