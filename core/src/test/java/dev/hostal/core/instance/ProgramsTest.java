package dev.hostal.core.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.Images;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// How an image's program and the user's wishes are merged: as the Docker Engine does it.
final class ProgramsTest {
    private static final Images.Program IMAGE = new Images.Program(List.of("/entry"), List.of("serve", "--all"),
            List.of("PATH=/opt/bin", "MODE=image", "odd"), "www:www", "/srv", "SIGTERM");

    @Test void theImagesOwnProgram() {
        var program = Programs.main(spec(process(Optional.empty(), List.of(), Map.of()), Boot.AUTO), IMAGE);
        assertThat(program.argv()).containsExactly("/entry", "serve", "--all");
        assertThat(program.env()).containsExactly("PATH=/opt/bin", "HOSTNAME=web-1", "MODE=image");
        assertThat(program.user()).isEqualTo("www:www");
        assertThat(program.workdir()).isEqualTo("/srv");
    }

    @Test void aCommandReplacesTheImagesCommandOnly() {
        var program = Programs.main(spec(process(Optional.empty(), List.of("check"), Map.of("MODE", "mine")), Boot.AUTO),
                IMAGE);
        assertThat(program.argv()).containsExactly("/entry", "check");
        assertThat(program.env()).contains("MODE=mine").doesNotContain("MODE=image");
    }

    @Test void anEntrypointDropsTheImagesCommand() {
        var program = Programs.main(spec(process(Optional.of(List.of("/bin/sh")), List.of(), Map.of()), Boot.AUTO), IMAGE);
        assertThat(program.argv()).containsExactly("/bin/sh");
        var empty = process(Optional.of(List.of()), List.of(), Map.of());
        assertThatThrownBy(() -> Programs.main(spec(empty, Boot.AUTO), IMAGE)).isInstanceOf(Problem.class)
                .hasMessageContaining("names no program");
    }

    @Test void rootHasItsHomeAndATerminalItsType() {
        var bare = new Images.Program(List.of(), List.of("sh"), List.of(), "", "", "");
        var tty = new ProcessSpec(Optional.empty(), List.of(), Map.of(), Optional.empty(), Optional.empty(), true, true);
        var program = Programs.main(spec(tty, Boot.AUTO), bare);
        assertThat(program.env()).containsExactly("PATH=" + Programs.PATH, "HOSTNAME=web-1", "TERM=xterm", "HOME=/root");
        assertThat(program.workdir()).isEqualTo("/");
        assertThat(program.tty()).isTrue();
    }

    @Test void execIsAsTheInstanceButForWhatIsSaid() {
        var own = new ProcessSpec(Optional.empty(), List.of(), Map.of("A", "own", "B", "own"), Optional.of("app"),
                Optional.of("/data"), true, true);
        var asked = process(Optional.empty(), List.of("id"), Map.of("B", "asked"));
        var program = Programs.exec(spec(own, Boot.AUTO), IMAGE, asked, Optional.empty());
        assertThat(program.argv()).containsExactly("id");
        assertThat(program.env()).contains("A=own", "B=asked", "MODE=image");
        assertThat(program.user()).isEqualTo("app");
        assertThat(program.workdir()).isEqualTo("/data");
        assertThat(program.tty()).isFalse();
        assertThatThrownBy(() -> Programs.exec(spec(own, Boot.AUTO), IMAGE, ProcessSpec.OF_IMAGE, Optional.empty()))
                .isInstanceOf(Problem.class);
    }

    @Test void anInitIsBootedWhenNothingElseIsAskedFor() {
        var plain = process(Optional.empty(), List.of(), Map.of());
        var command = process(Optional.empty(), List.of("ls"), Map.of());
        var tty = new ProcessSpec(Optional.empty(), List.of(), Map.of(), Optional.empty(), Optional.empty(), true, false);
        assertThat(Programs.bootsInit(spec(plain, Boot.AUTO), image(true))).isTrue();
        assertThat(Programs.bootsInit(spec(plain, Boot.AUTO), image(false))).isFalse();
        assertThat(Programs.bootsInit(spec(command, Boot.AUTO), image(true))).isFalse();
        assertThat(Programs.bootsInit(spec(tty, Boot.AUTO), image(true))).isFalse();
        assertThat(Programs.bootsInit(spec(plain, Boot.COMMAND), image(true))).isFalse();
        assertThat(Programs.bootsInit(spec(tty, Boot.INIT), image(true))).isTrue();
        assertThatThrownBy(() -> Programs.bootsInit(spec(plain, Boot.INIT), image(false))).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Programs.bootsInit(spec(command, Boot.INIT), image(true))).isInstanceOf(Problem.class);
    }

    private static ProcessSpec process(Optional<List<String>> entrypoint, List<String> command, Map<String, String> env) {
        return new ProcessSpec(entrypoint, command, env, Optional.empty(), Optional.empty(), false, false);
    }

    private static InstanceSpec spec(ProcessSpec process, Boot boot) {
        return new InstanceSpec(new InstanceName("Web_1"), Kind.VM, ImageReference.parse("web"), Optional.empty(), 1,
                Bytes.mib(128), Bytes.gib(1), boot, process, Optional.empty(), Map.of(), false, Duration.ofSeconds(1));
    }

    private static Images.Image image(boolean init) {
        return new Images.Image("sha256:" + "0".repeat(64), List.of(), Arch.X86_64, Bytes.ZERO, Instant.EPOCH, "test",
                IMAGE, init, Map.of());
    }
}
