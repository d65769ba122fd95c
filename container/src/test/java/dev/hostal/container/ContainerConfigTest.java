package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Cgroups.Layout;
import dev.hostal.linux.DeviceNodes.Device;
import dev.hostal.model.Arch;
import dev.hostal.model.Confinement;
import dev.hostal.model.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The configuration that the OCI runtime is given, for a handful of wishes.
class ContainerConfigTest {
    /// Source: docs.docker.com, "Linux capabilities", what a container has by default.
    private static final List<String> DOCKERS = List.of("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL",
            "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT");
    /// Source: docs.docker.com, "Significant syscalls blocked by the default profile"; without those that the table
    /// itself calls allowed where the kernel is newer than 4.8 or the arguments are harmless.
    private static final List<String> BLOCKED = List.of("acct", "add_key", "bpf", "clock_settime", "clone", "create_module",
            "delete_module", "finit_module", "get_kernel_syms", "get_mempolicy", "init_module", "ioperm", "iopl",
            "io_uring_enter", "io_uring_register", "io_uring_setup", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
            "lookup_dcookie", "mbind", "mount", "move_pages", "nfsservctl", "open_by_handle_at", "perf_event_open",
            "personality", "pivot_root", "query_module", "quotactl", "reboot", "request_key", "set_mempolicy", "setns",
            "settimeofday", "stime", "swapon", "swapoff", "sysfs", "_sysctl", "umount", "umount2", "unshare", "uselib",
            "userfaultfd", "ustat", "vm86", "vm86old");

    @Test void theUsualOne() throws Exception {
        golden("usual", Confinement.USUAL, Limits.USUAL, Layout.HYBRID);
    }

    @Test void onePrivileged() throws Exception {
        golden("privileged", Wishes.privileged(), Limits.USUAL, Layout.HYBRID);
    }

    @Test void oneReadOnlyInNamespacesOfTheHost() throws Exception {
        golden("closed", Wishes.closed(), Limits.USUAL, Layout.HYBRID);
    }

    @Test void oneWithLimitsOnEitherVersionOfCgroups() throws Exception {
        golden("limits-v1", Confinement.USUAL, Wishes.limits(), Layout.V1);
        golden("limits-v2", Confinement.USUAL, Wishes.limits(), Layout.V2);
    }

    @Test void oneWithOneCapability() throws Exception {
        golden("one-capability", Wishes.capabilities(List.of("NET_ADMIN"), List.of("ALL")), Limits.USUAL, Layout.HYBRID);
    }

    @Test void theUsualCapabilitiesAreDockers() {
        assertThat(Capabilities.of(Confinement.USUAL, Capabilities.ALL)).map(name -> name.substring(4)).isEqualTo(DOCKERS);
        assertThat(Capabilities.mask(Capabilities.USUAL)).as("as docker's containers say in /proc/self/status")
                .isEqualTo(0xa80425fbL);
    }

    @Test void capabilitiesComeAndGo() {
        assertThat(capabilities(List.of("ALL"), List.of("cap_sys_admin"))).hasSize(40).doesNotContain("CAP_SYS_ADMIN");
        assertThat(capabilities(List.of(), List.of("all"))).isEmpty();
        assertThat(capabilities(List.of("Sys_Time"), List.of("ALL"))).containsExactly("CAP_SYS_TIME");
        assertThat(capabilities(List.of("CAP_SYS_TIME"), List.of("MKNOD"))).hasSize(14).contains("CAP_SYS_TIME")
                .doesNotContain("CAP_MKNOD");
        assertThatThrownBy(() -> capabilities(List.of("ROOT"), List.of())).isInstanceOf(Problem.class)
                .hasMessageContaining("'ROOT'");
        assertThatThrownBy(() -> Capabilities.of(Wishes.capabilities(List.of("SYS_TIME"), List.of()), Capabilities.USUAL))
                .isInstanceOf(Problem.class).hasMessageContaining("CAP_SYS_TIME");
    }

    @Test void whatDockersProfileBlocksIsBlocked() throws Exception {
        var profile = SystemCalls.ofResource().seccomp(Arch.X86_64, Capabilities.USUAL);

        assertThat(profile.text("defaultAction")).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(allowedAlways(profile)).doesNotContainAnyElementsOf(BLOCKED).contains("read", "execve", "ptrace", "chroot");
        assertThat(allowedAlways(SystemCalls.ofResource().seccomp(Arch.X86_64, Capabilities.ALL)))
                .contains("mount", "bpf", "reboot")
                .doesNotContain("kexec_load", "userfaultfd");
    }

    @Test void aProfileInDockersFormCountsByCapabilityAndArchitecture() {
        var profile = """
                {"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64"}],"syscalls":[
                {"names":["read"],"action":"SCMP_ACT_ALLOW","comment":"x","includes":{},"excludes":{}},
                {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
                {"name":"clone","action":"SCMP_ACT_ALLOW","args":null,"excludes":{"caps":["CAP_SYS_ADMIN"]}},
                {"names":["a_call"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["amd64"]}},
                {"names":["s390_call"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["s390x"]}}]}""";
        var architectures = List.of("SCMP_ARCH_X86_64");

        assertThat(allowedAlways(SeccompProfile.of(profile, architectures, Capabilities.USUAL)))
                .containsExactly("a_call", "clone", "read");
        assertThat(allowedAlways(SeccompProfile.of(profile, architectures, Capabilities.ALL)))
                .containsExactly("a_call", "mount", "read");
        assertThatThrownBy(() -> SeccompProfile.of("{", architectures, List.of())).isInstanceOf(Problem.class)
                .hasMessageContaining("seccomp");
        assertThatThrownBy(() -> SeccompProfile.of("{}", architectures, List.of())).isInstanceOf(Problem.class)
                .hasMessageContaining("defaultAction");
    }

    @Test void parametersOfTheHostAreRefused() {
        for (var name : List.of("kernel.panic", "vm.swappiness", "fs.file-max", "kernel.hostname")) {
            assertThatThrownBy(() -> confines(new Confinement(false, List.of(), List.of(), false, Optional.empty(), false, false,
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of(name, "1"), List.of(),
                    List.of(), Optional.empty(), false, List.of(), List.of(), List.of(), List.of()), Limits.USUAL))
                    .isInstanceOf(Problem.class).hasMessageContaining(name);
        }
    }

    @Test void limitsOfAProcessHaveNamesAndOrder() {
        assertThatThrownBy(() -> confines(Confinement.USUAL, ulimit("files", "1"))).hasMessageContaining("files=1");
        assertThatThrownBy(() -> confines(Confinement.USUAL, ulimit("nofile", "many"))).hasMessageContaining("nofile=many");
        assertThatThrownBy(() -> confines(Confinement.USUAL, ulimit("nofile", "2:1"))).hasMessageContaining("soft");
    }

    @Test void namesAndServersAreInTheirFiles(@TempDir Path folder) throws Exception {
        new EtcFiles(folder, "box", Wishes.closed(), List.of()).write();

        assertThat(folder.resolve("hosts")).content().contains("127.0.1.1\tbox\n").endsWith("192.0.2.1\ta.example\n");
        assertThat(folder.resolve("resolv.conf")).hasContent("nameserver 192.0.2.53\nsearch example\noptions ndots:2\n");
        assertThat(folder.resolve("hostname")).hasContent("box\n");
    }

    private static List<String> capabilities(List<String> add, List<String> drop) {
        return Capabilities.of(Wishes.capabilities(add, drop), Capabilities.ALL);
    }

    private static Limits ulimit(String name, String value) {
        return new Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Map.of(name, value));
    }

    private static Confines confines(Confinement wanted, Limits limits) throws IOException {
        var devices = wanted.privileged()
                ? new Devices(List.of(new Devices.Node("/dev/kmsg", new Device("c", 1, 11, 0640), "rwm")), List.of(), true)
                : Devices.of(wanted);
        return Confines.of(wanted, Wishes.resources(limits, Layout.HYBRID), List.of(), Capabilities.ALL, devices);
    }

    private static void golden(String name, Confinement wanted, Limits limits, Layout layout) throws IOException {
        var confines = confines(wanted, limits);
        var laid = new Confines(confines.wanted(), confines.capabilities(), confines.devices(),
                new Resources(Optional.of(Bytes.mib(32)), Optional.of(1.0), limits, layout),
                layout == Layout.V2 ? List.of() : List.of("cpu,cpuacct", "memory"));
        var config = new ContainerConfig(Path.of("/run/c/1/root"), "box", Path.of("/agent"), Path.of("/run/c/1/etc"),
                "/hostal/1", Arch.X86_64, laid, ContainerConfig.Network.OWN,
                Path.of("/run/c/network"), Map.of("net.ipv4.ip_unprivileged_port_start", "0"),
                ContainerMounts.NONE, Shared.NOTHING, Optional.empty(), Path.of("/run/c/1/users"));
        Golden.golden(name + ".json", config.toJson(SystemCalls.ofResource()).toPrettyText() + "\n");
    }

    /// Calls that a rule without conditions allows.
    private static TreeSet<String> allowedAlways(JsonObject profile) {
        var names = new TreeSet<String>();
        for (var rule : profile.objects("syscalls")) {
            if (rule.text("action").equals("SCMP_ACT_ALLOW") && !rule.has("args")) names.addAll(rule.texts("names"));
        }
        return names;
    }
}
