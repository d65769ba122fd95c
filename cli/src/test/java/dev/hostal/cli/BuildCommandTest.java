package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.BuildV1;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `hostal build` asks of the daemon.
class BuildCommandTest {
    private final Trial trial = new Trial();

    @TempDir
    private Path folder;

    @BeforeEach void context() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\n");
    }

    private int build(String... words) throws Exception {
        var all = new ArrayList<>(List.of("build", "-q"));
        all.addAll(List.of(words));
        all.add(folder.toString());
        return trial.run(all.toArray(String[]::new));
    }

    @Test void stepsOfOtherHostsAreNamed() throws Exception {
        assertThat(build("-t", "a:1", "--cache-from", "one/cache", "--cache-from", "type=registry,ref=two/cache:2",
                "--cache-to", "type=inline"))
                .as(trial.err()).isZero();
        var wanted = trial.hostal.builds.wanted.getFirst();
        assertThat(wanted.cacheFrom()).containsExactly("one/cache", "two/cache:2");
        assertThat(wanted.cacheInline()).isTrue();
        assertThat(wanted.cacheTo()).isEmpty();
    }

    @Test void severalPlatformsAreBuiltUnderOneName() throws Exception {
        assertThat(build("-t", "a:1", "--platform", "linux/amd64,linux/arm64,linux/amd64", "--build-arg", "X=y", "-o",
                "type=image")).as(trial.err()).isZero();
        assertThat(trial.hostal.builds.wanted).extracting(wanted -> wanted.arch())
                .containsExactly(Optional.of("x86_64"), Optional.of("aarch64"));
        assertThat(trial.hostal.builds.wanted).allSatisfy(wanted -> {
            assertThat(wanted.tags()).containsExactly("a:1");
            assertThat(wanted.arguments()).isEqualTo(Map.of("X", "y"));
        });
        assertThat(trial.out().lines()).hasSize(2);
    }

    @Test void stepsHaveLimits() throws Exception {
        assertThat(build("--memory", "64m", "--memory-swap", "-1", "--cpus", "2", "--cpuset-cpus", "0", "--ulimit",
                "nofile=99:100")).as(trial.err()).isZero();
        var wanted = trial.hostal.builds.wanted.getFirst();
        assertThat(wanted.memory()).contains(64L << 20);
        assertThat(wanted.limits().cpuQuota()).contains(2.0);
        assertThat(wanted.limits().cpuset()).contains("0");
        assertThat(wanted.limits().ulimits()).isEqualTo(Map.of("nofile", "99:100"));
        assertThat(BuildV1.from(wanted.toJson()).limits()).isEqualTo(wanted.limits());
        assertThat(BuildV1.from(wanted.toJson()).memory()).isEqualTo(wanted.memory());
    }

    @Test void whatIsNotPossibleIsSaid() throws Exception {
        for (var wrong : List.of(List.of("--cache-from", "type=s3,src=/x", "only registry, local"),
                List.of("--cache-to", "type=gha", "only inline, registry"),
                List.of("--cache-to", "type=local", "dest=FOLDER is missing"),
                List.of("--ssh", "default", "SSH_AUTH_SOCK"),
                List.of("--ssh", "x=/nowhere/agent", "there is no /nowhere/agent"),
                List.of("--build-context", "x=/nowhere", "no folder /nowhere"),
                List.of("--cache-to", "type=registry", "ref=IMAGE is missing"),
                List.of("--platform", "linux/amd64,linux/arm64", "needs a name"),
                List.of("--platform", "windows/amd64", "linux/"), List.of("--output", "type=qcow", "none of"),
                List.of("--cpus", "none", "is not a number"))) {
            var trial = new Trial();
            assertThat(trial.run("build", wrong.get(0), wrong.get(1), folder.toString())).isNotZero();
            assertThat(trial.err()).contains(wrong.get(2));
            assertThat(trial.hostal.builds.wanted).isEmpty();
        }
    }
}
