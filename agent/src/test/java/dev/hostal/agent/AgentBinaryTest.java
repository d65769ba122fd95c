package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compiling the agent with the host's compilers.
class AgentBinaryTest {
    private static final Arch HOST = Arch.parse(System.getProperty("os.arch"));

    @TempDir Path folder;

    @Test void compilesOnceAndLeavesNothingElse() throws Exception {
        var binary = new AgentBinary(folder.resolve("deep/down"));
        assertThat(binary.find(HOST)).isEmpty();
        var first = binary.of(HOST, soon());
        var time = Files.getLastModifiedTime(first);
        assertThat(first).isExecutable();
        assertThat(binary.of(HOST, soon())).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(time);
        try (var files = Files.list(first.getParent())) {
            assertThat(files).containsExactly(first);
        }
    }

    @Test void whatAKilledCompilationLeftIsRemoved() throws Exception {
        var binary = new AgentBinary(folder);
        var compiled = Files.writeString(folder.resolve("agent-x"), "");
        Files.writeString(Files.createDirectories(folder.resolve("compiling-1/deep")).resolve("agent.h"), "");

        binary.removeUnfinished();

        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(compiled);
        }
        new AgentBinary(folder.resolve("nowhere")).removeUnfinished();
    }

    /// Every architecture either compiles here or names what is missing.
    @Test void everyArchitectureCompilesOrNamesPackages() throws Exception {
        var binary = HostAgent.binary();
        for (var arch : Arch.values()) {
            assertThat(AgentBinary.packages(arch)).allMatch(name -> name.matches("[a-z0-9+.-]+"));
            try {
                var program = Files.readAllBytes(binary.of(arch, soon()));
                assertThat(program).as(arch.word()).startsWith(0x7f, 'E', 'L', 'F');
            } catch (Problem problem) {
                assertThat(problem.code()).isEqualTo(ErrorCode.ENGINE_MISSING);
                assertThat(problem.getMessage()).contains(AgentBinary.packages(arch))
                        .contains(arch.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    @Test void timeIsLimited() {
        assertThatThrownBy(() -> new AgentBinary(folder).of(HOST, Deadline.in(Duration.ZERO)))
                .hasMessageContaining("in time");
        assertThat(folder).isEmptyDirectory();
    }
}
