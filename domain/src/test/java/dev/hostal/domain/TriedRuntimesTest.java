package dev.hostal.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProgramPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The choice of a runtime, on a host whose runtimes work or not as the test says.
class TriedRuntimesTest {
    @TempDir Path folder;
    private final List<String> working = new ArrayList<>();
    private final List<String> tried = new ArrayList<>();
    private final SmallHost host = new SmallHost();

    /// A host that can install runtimes, where it may.
    private final class SmallHost implements Packages {
        Optional<String> obstacle = Optional.of("only root can install them");

        @Override public Optional<Path> findProgram(String name) {
            return new ProgramPath(List.of(folder)).find(name);
        }

        @Override public boolean isInstalled(String name) {
            return findProgram(name).isPresent();
        }

        @Override public Optional<String> obstacle() {
            return obstacle;
        }

        @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline) {
            throw new AssertionError("programs are asked for, not packages");
        }

        @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline)
                throws IOException {
            for (var program : programs) {
                install(program);
            }
        }
    }

    @Test void takesTheFirstThatWorksAndRemembersIt() throws Exception {
        install("runc");
        install("crun");
        working.add("crun");

        assertThat(runtimes("boot-1").working(soon())).isEqualTo(folder.resolve("crun"));
        assertThat(runtimes("boot-1").working(soon())).isEqualTo(folder.resolve("crun"));
        assertThat(tried).containsExactly("runc", "crun");
    }

    @Test void triesAgainAfterABootOrAChangeOfTheProgram() throws Exception {
        install("runc");
        working.add("runc");
        runtimes("boot-1").working(soon());
        runtimes("boot-2").working(soon());
        assertThat(tried).hasSize(2);

        Files.writeString(folder.resolve("runc"), "another version");
        runtimes("boot-2").working(soon());
        assertThat(tried).hasSize(3);
        Files.writeString(folder.resolve("verdict.json"), "{\"nonsense\"");
        runtimes("boot-2").working(soon());
        assertThat(tried).hasSize(4);
    }

    @Test void installsOneOnlyWhereThereIsNoneAndItMay() throws Exception {
        host.obstacle = Optional.empty();
        working.addAll(List.of("runc", "crun"));
        install("crun");
        assertThat(runtimes("boot-1").working(soon())).isEqualTo(folder.resolve("crun"));

        Files.delete(folder.resolve("crun"));
        assertThat(runtimes("boot-1").working(soon())).isEqualTo(folder.resolve("runc"));
    }

    @Test void doesNotHoldAFailureAgainstARuntime() throws Exception {
        install("runc");
        assertThatThrownBy(() -> runtimes("boot-1").working(soon()))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("runc does not work here (refused); crun is not installed")
                .hasMessageContaining("\nMaybe install the package runc");
        working.add("runc");
        assertThat(runtimes("boot-1").working(soon())).isEqualTo(folder.resolve("runc"));
    }

    private TriedRuntimes runtimes(String bootId) {
        return new TriedRuntimes(host, folder.resolve("verdict.json"), bootId,
                (runtime, _) -> {
                    var name = runtime.getFileName().toString();
                    tried.add(name);
                    if (!working.contains(name)) throw new IOException("refused");
                });
    }

    private void install(String name) throws IOException {
        Files.createFile(folder.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }
}
