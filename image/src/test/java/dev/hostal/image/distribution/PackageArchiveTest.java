package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageArchiveTest {
    private static final Pattern FOLLOW = Pattern.compile("linux-(?:image|modules)-[0-9].*");
    private static final String OUT_OF_STEP = """
            E: Failed to fetch http://mirror.test/x  File has unexpected size (1 != 2). Mirror sync in progress?
            E: Some index files failed to download.
            """;
    private static final String UNREACHABLE = """
            W: Failed to fetch http://mirror.test/x  Could not resolve 'mirror.test'
            E: Some index files failed to download.
            """;

    @TempDir Path home;
    private final SimApt apt = new SimApt();

    /// An apt with one behaviour for each release: what `update` complains of, and the packages it knows then.
    private static final class SimApt implements Processes {
        private final Map<String, String> complaints = new HashMap<>();
        private final Map<String, Map<String, String>> packages = new HashMap<>();
        private final List<String> calls = new ArrayList<>();

        void has(String release, String name, String depends) {
            packages.computeIfAbsent(release, _ -> new HashMap<>()).put(name, depends);
        }

        @Override public Exit run(Command command, Deadline deadline) throws IOException {
            var argv = command.argv();
            if (argv.getFirst().equals("apt-config")) return new Exit(0, "", "");
            var area = Path.of(command.env().get("APT_CONFIG")).getParent();
            var release = Files.readString(area.resolve("etc/sources.list")).split(" ")[2];
            calls.add(release + " " + argv.get(1));
            return switch (argv.get(1)) {
                case "update" -> update(area, release);
                case "show" -> show(release, argv.getLast());
                case "download" -> download(command, release);
                default -> throw new IOException("unknown " + argv);
            };
        }

        private Exit update(Path area, String release) throws IOException {
            var complaint = complaints.getOrDefault(release, "");
            if (!complaint.isEmpty()) return new Exit(100, "", complaint);
            Files.writeString(area.resolve("lists/x_InRelease"), "");
            return new Exit(0, "", "");
        }

        private Exit show(String release, String name) {
            var depends = packages.getOrDefault(release, Map.of()).get(name);
            if (depends == null) return new Exit(100, "", "E: No packages found");
            return new Exit(0, "Package: %s\nVersion: 1\nSize: 5\nDepends: %s\n".formatted(name, depends), "");
        }

        private static Exit download(Command command, String release) throws IOException {
            for (var wanted : command.argv().subList(3, command.argv().size())) {
                Files.writeString(command.workdir().orElseThrow().resolve(wanted.replace('=', '_') + ".deb"), release);
            }
            return new Exit(0, "", "");
        }
    }

    @BeforeEach void debianTwelve() throws IOException {
        write("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
        write("etc/apt/sources.list", "deb http://mirror.test/debian bookworm main\n");
    }

    @Test void followsAMetaPackageToItsParts() throws Exception {
        apt.has("bookworm", "linux-image-cloud", "linux-image-6.1 (= 1)");
        apt.has("bookworm", "linux-image-6.1", "kmod, linux-modules-6.1, linux-base");
        apt.has("bookworm", "linux-modules-6.1", "linux-image-6.1");

        assertThat(fetch(archive(), "no-such", "linux-image-cloud").files()).extracting(file -> file.getFileName().toString())
                .containsExactly("linux-image-6.1_1.deb", "linux-image-cloud_1.deb", "linux-modules-6.1_1.deb");
    }

    @Test void takesALaterReleaseWhereTheHostsHasNoneOrIsOutOfStep() throws Exception {
        apt.complaints.put("trixie", OUT_OF_STEP);
        apt.has("forky", "linux-image-riscv64", "");

        assertThat(fetch(archive(), "linux-image-riscv64").release()).isEqualTo(DebianRelease.FORKY);
        assertThat(apt.calls).containsExactly("bookworm update", "bookworm show", "trixie update", "trixie update",
                "trixie show", "forky update", "forky show", "forky download");
    }

    @Test void anArchiveOutOfReachIsSaidAtOnce() {
        apt.complaints.put("bookworm", UNREACHABLE);

        assertThatThrownBy(() -> fetch(archive(), "x")).isInstanceOfSatisfying(Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.PACKAGES_UNAVAILABLE))
                .hasMessageContaining("Could not resolve 'mirror.test'");
        assertThat(apt.calls).containsOnly("bookworm update");
    }

    @Test void aPackageThatNobodyHasIsUnsupportedAndOneBehindAFailureIsUnavailable() {
        assertThatThrownBy(() -> fetch(archive(), "x", "y")).isInstanceOfSatisfying(Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.UNSUPPORTED)).hasMessageContaining("x or y");
        apt.complaints.put("sid", OUT_OF_STEP);
        assertThatThrownBy(() -> fetch(new PackageArchive(home, home.resolve("other"), apt, Clock.systemUTC()), "x"))
                .isInstanceOfSatisfying(Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.PACKAGES_UNAVAILABLE))
                .hasMessageContaining("Maybe try again later");
    }

    @Test void listsAreFreshForAWhile() throws Exception {
        apt.has("bookworm", "x", "");
        var now = Instant.now();
        for (var time : List.of(now, now.plus(AptArea.FRESH).minusSeconds(1), now.plus(AptArea.FRESH).plusSeconds(1))) {
            fetch(new PackageArchive(home, home.resolve("packages"), apt, Clock.fixed(time, ZoneOffset.UTC)), "x");
        }
        assertThat(apt.calls.stream().filter(call -> call.endsWith("update"))).hasSize(2);
    }

    private PackageArchive archive() {
        return new PackageArchive(home, home.resolve("packages"), apt, Clock.systemUTC());
    }

    private PackageArchive.Fetched fetch(PackageArchive archive, String... names) throws Exception {
        var into = Files.createTempDirectory(home, "into");
        return archive.fetch(Arch.RISCV64, List.of(names), FOLLOW, into, Progress.NONE, Deadline.in(Duration.ofMinutes(1)));
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(home.resolve(name).getParent());
        Files.writeString(home.resolve(name), text);
    }
}
