package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Installing, against a small host whose dpkg knows one package and whose apt fails as often as it is told.
class DebianPackagesTest {
    @TempDir Path bin;

    /// A host with behaviour: what is installed, and how many installations fail before one succeeds.
    private static final class SmallHost implements Processes {
        final List<String> installed = new ArrayList<>(List.of("dpkg"));
        final List<String> commands = new ArrayList<>();
        int failures;

        @Override public Exit run(Command command, Deadline deadline) {
            var argv = command.argv();
            switch (argv.getFirst()) {
                case "dpkg-query" -> {
                    var known = argv.stream().filter(installed::contains).map(name -> name + " installed\n").toList();
                    return new Exit(known.size() == argv.size() - 5 ? 0 : 1, String.join("", known), "");
                }
                case "apt-cache" -> {
                    return new Exit(0, argv.getLast().equals("qemu-system-misc") ? "qemu-system-misc\n" : "", "");
                }
                default -> {
                    commands.add(argv.get(0) + " " + argv.get(1));
                    if (argv.get(1).equals("install")) return install(command);
                    return new Exit(0, "", "");
                }
            }
        }

        private Exit install(Command command) {
            command.line().accept("dlstatus:1:20.5:Retrieving file 1 of 3");
            command.line().accept("pmstatus:runc:45.0:Unpacking runc (amd64)");
            if (failures-- > 0) return new Exit(100, "", "E: 404 Not Found");
            installed.addAll(command.argv().subList(command.argv().indexOf("--") + 1, command.argv().size()));
            return new Exit(0, "", "");
        }
    }

    private final SmallHost host = new SmallHost();

    @BeforeEach void fill() throws IOException {
        for (var program : List.of("dpkg-query", "apt-get", "apt-cache")) {
            Files.createFile(bin.resolve(program),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        Files.createFile(Files.createDirectory(bin.resolve("lists")).resolve("main_Packages"));
    }

    @Test void readsTheListsFirstWhereThereAreNone() throws Exception {
        Files.delete(bin.resolve("lists/main_Packages"));
        packages(Optional.empty()).ensure(List.of("runc"), InstallProgress.NONE, soon());
        assertThat(host.commands).containsExactly("apt-get update", "apt-get install");
    }

    @Test void installsOnlyWhatIsMissing() throws Exception {
        var stages = new ArrayList<String>();
        packages(Optional.empty()).ensure(List.of("dpkg", "runc"),
                (stage, done, total) -> stages.add(stage + " " + done + "/" + total), soon());

        assertThat(host.installed).containsExactly("dpkg", "runc");
        assertThat(stages).contains("installing runc 0/100", "Retrieving file 1 of 3 20/100",
                "Unpacking runc (amd64) 45/100");
        host.commands.clear();
        packages(Optional.empty()).ensure(List.of("dpkg", "runc"), InstallProgress.NONE, soon());
        assertThat(host.commands).isEmpty();
    }

    @Test void readsTheListsAgainWhenAnInstallationFails() throws Exception {
        host.failures = 1;
        packages(Optional.empty()).ensure(List.of("runc"), InstallProgress.NONE, soon());

        assertThat(host.commands).containsExactly("apt-get install", "apt-get update", "apt-get install");
        assertThat(host.installed).contains("runc");
    }

    @Test void saysWhatAptSaidWhenItFailsForGood() {
        host.failures = 2;
        assertThatThrownBy(() -> packages(Optional.empty()).ensure(List.of("runc"), InstallProgress.NONE, soon()))
                .isInstanceOf(Problem.class).hasMessageContaining("could not be installed: runc")
                .hasMessageContaining("404 Not Found");
    }

    @Test void namesThePackagesAndTheCommandWhereItMayNotInstall() {
        assertThatThrownBy(() -> packages(Optional.of("only root can install them"))
                .ensure(List.of("dpkg", "runc"), InstallProgress.NONE, soon()))
                .isInstanceOf(Problem.class).hasMessage("""
                        These packages are not installed on this host: runc; only root can install them.
                        Maybe run, as root: apt-get install --no-install-recommends runc""");
    }

    @Test void choosesThePackageThatThisReleaseHas() {
        assertThatThrownBy(() -> packages(Optional.empty())
                .ensurePrograms(List.of("qemu-system-s390x"), InstallProgress.NONE, soon()))
                .hasMessage("The program qemu-system-s390x is still not on this host, though qemu-system-misc is installed.");
        assertThat(host.installed).contains("qemu-system-misc");
    }

    @Test void whatForbidsInstalling() {
        var path = new ProgramPath(List.of(bin));
        assertThat(DebianPackages.obstacle(path, Map.of(), 0)).isEmpty();
        assertThat(DebianPackages.obstacle(path, Map.of(), 1000)).contains("only root can install them");
        assertThat(DebianPackages.obstacle(path, Map.of("HOSTAL_INSTALL", "never"), 0)).isPresent();
        assertThat(DebianPackages.obstacle(new ProgramPath(List.of()), Map.of(), 0)).isPresent();
    }

    @Test void readsTheStatusOfForeignPackages() {
        assertThat(AptStatus.parse("pmstatus:libc6:i386:45.9:Unpacking libc6"))
                .contains(new AptStatus(false, "Unpacking libc6", 45));
        for (var line : List.of("", "Reading package lists...", "pmerror:a:1:b", "dlstatus:1:x:y", "pmstatus:::")) {
            assertThat(AptStatus.parse(line)).as(line).isEmpty();
        }
    }

    private DebianPackages packages(Optional<String> obstacle) {
        return new DebianPackages(host, new ProgramPath(List.of(bin)), bin.resolve("lists"), obstacle);
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
