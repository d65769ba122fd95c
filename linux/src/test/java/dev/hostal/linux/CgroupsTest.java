package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The files of cgroups, on folders that look like each of the three layouts.
@Timeout(30)
class CgroupsTest {
    @TempDir Path root;

    @Test void tellsTheLayoutsApart() throws IOException {
        assertThat(Cgroups.of(List.of()).layout()).isEqualTo(Cgroups.Layout.NONE);
        assertThat(v1().layout()).isEqualTo(Cgroups.Layout.V1);
        assertThat(v2().layout()).isEqualTo(Cgroups.Layout.V2);
        assertThat(hybrid().layout()).isEqualTo(Cgroups.Layout.HYBRID);
        assertThat(hybrid().controllers()).containsExactly("cpu", "cpuacct", "hugetlb", "memory", "pids");
        assertThat(hybrid().namesOfVersion1()).contains("cpu,cpuacct", "memory").doesNotContain("unified");
        assertThat(v2().namesOfVersion1()).isEmpty();
    }

    @Test void limitsAndCountsOnV1() throws IOException {
        var cgroup = v1().at("/hostal-1/vm");
        cgroup.ensure();
        file("memory/hostal-1/vm/memory.limit_in_bytes", "9223372036854771712");
        cgroup.set("memory", "memory.limit_in_bytes", "memory.max", "67108864");
        assertThat(cgroup.limitCpus(1.5)).isTrue();
        assertThat(root.resolve("memory/hostal-1/vm/memory.limit_in_bytes")).hasContent("67108864");
        assertThat(root.resolve("cpu,cpuacct/hostal-1/vm/cpu.cfs_quota_us")).hasContent("150000");

        file("memory/hostal-1/vm/memory.usage_in_bytes", "5000");
        file("memory/hostal-1/vm/memory.stat", "inactive_file 7\ntotal_inactive_file 1000\n");
        file("cpu,cpuacct/hostal-1/vm/cpuacct.usage", "2500000000\n");
        file("pids/hostal-1/vm/pids.current", "3\n");
        assertThat(cgroup.usage()).isEqualTo(new CgroupUsage(Duration.ofMillis(2500), new Bytes(4000),
                Bytes.mib(64), 3, Bytes.ZERO, Bytes.ZERO));
    }

    @Test void limitsAndCountsOnV2() throws IOException {
        var cgroup = v2().at("/hostal-1/vm");
        cgroup.ensure();
        file("unified/hostal-1/vm/memory.max", "max\n");
        file("unified/hostal-1/vm/cpu.max", "max 100000\n");
        assertThat(cgroup.usage().memoryMax()).isEqualTo(Bytes.ZERO);
        cgroup.set("pids", "pids.max", "pids.max", "9");
        assertThat(root.resolve("unified/hostal-1/vm/pids.max")).as("the host has no such file").doesNotExist();
        assertThat(cgroup.limitCpus(0.5)).isTrue();
        assertThat(root.resolve("unified/hostal-1/vm/cpu.max")).hasContent("50000 100000");

        file("unified/hostal-1/vm/cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
        file("unified/hostal-1/vm/memory.current", "5000\n");
        file("unified/hostal-1/vm/memory.stat", "anon 1\ninactive_file 1000\n");
        file("unified/hostal-1/vm/pids.current", "2\n");
        file("unified/hostal-1/vm/io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2 rios=1\n");
        assertThat(cgroup.usage()).isEqualTo(new CgroupUsage(Duration.ofNanos(1_500_000), new Bytes(4000),
                Bytes.ZERO, 2, new Bytes(11), new Bytes(22)));
    }

    @Test void listsWhatIsInAnyHierarchy() throws IOException {
        var cgroups = v1();
        Files.createDirectories(root.resolve("memory/hostal-1/a"));
        Files.createDirectories(root.resolve("pids/hostal-1/b"));
        assertThat(cgroups.childrenOf("/hostal-1")).containsExactly("a", "b");
        assertThat(cgroups.childrenOf("/hostal-2")).isEmpty();
        assertThat(cgroups.at("/hostal-1/a").exists()).isTrue();
        assertThat(cgroups.at("/hostal-1/c").exists()).isFalse();
    }

    @Test void refusesPathsOutOfTheTree() throws IOException {
        var cgroups = v1();
        for (var path : List.of("/", "", "hostal", "/../x", "/a/../b", "/a//b")) {
            assertThatThrownBy(() -> cgroups.at(path)).as(path).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test void absenceCanBeEnsuredTwice() throws Exception {
        var cgroup = v1().at("/hostal-1/vm");
        Files.createDirectories(root.resolve("memory/hostal-1/vm/below"));
        try (var table = new ProcessTable()) {
            cgroup.ensureAbsent(table, Deadline.in(Duration.ofSeconds(1)));
            cgroup.ensureAbsent(table, Deadline.in(Duration.ofSeconds(1)));
        }
        assertThat(cgroup.exists()).isFalse();
        assertThat(root.resolve("memory/hostal-1")).exists();
    }

    private Cgroups v1() throws IOException {
        return Cgroups.of(List.of(mount("memory", "cgroup", "rw,memory"), mount("pids", "cgroup", "rw,pids"),
                mount("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"), mount("systemd", "cgroup", "rw,xattr,name=systemd")));
    }

    private Cgroups v2() throws IOException {
        var mount = mount("unified", "cgroup2", "rw,nsdelegate");
        file("unified/cgroup.controllers", "cpu io memory pids\n");
        return Cgroups.of(List.of(mount));
    }

    private Cgroups hybrid() throws IOException {
        var mounts = new ArrayList<>(List.of(mount("unified", "cgroup2", "rw")));
        file("unified/cgroup.controllers", "hugetlb\n");
        mounts.addAll(List.of(mount("memory", "cgroup", "rw,memory"), mount("pids", "cgroup", "rw,pids"),
                mount("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct")));
        return Cgroups.of(mounts);
    }

    private Mounts.Mount mount(String name, String type, String options) throws IOException {
        Files.createDirectories(root.resolve(name));
        return new Mounts.Mount(root.resolve(name), type, options);
    }

    private void file(String path, String text) throws IOException {
        Files.writeString(root.resolve(path), text);
    }
}
