package dev.hostal.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.Mounts;
import dev.hostal.linux.Ownership;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Domains on this host; needs root and an OCI runtime.
@Tag("real")
@Timeout(120)
class RealOciDomainsTest {
    private static final int UID = 200_001;

    @TempDir Path home;
    private Path runtime;
    private ProcessTable table;
    private Domains domains;

    @BeforeEach void open() throws IOException {
        assumeThat(Ownership.ownUid()).isZero();
        runtime = home.resolve("run");
        table = new ProcessTable();
        domains = host().domains();
    }

    @AfterEach void nothingIsLeft() throws Exception {
        if (table == null) return;
        for (var name : domains.names()) {
            domains.ensureAbsent(name);
        }
        var places = new DomainPlaces(home, runtime, "");
        assertThat(domains.names()).isEmpty();
        assertThat(marked()).isEmpty();
        assertThat(Mounts.list()).noneMatch(mount -> mount.target().startsWith(home));
        for (var each : List.of(places, new DomainPlaces(home.resolve("trial"), runtime, ""))) {
            assertThat(Cgroups.ofHost().at(each.cgroupRoot()).exists()).as(each.cgroupRoot()).isFalse();
        }
        table.close();
    }

    @Test void startsFindsCountsAndEnds() throws Exception {
        domains.start(spec("warm", Limits.NONE, "exec sleep 300"), soon());
        long before = System.nanoTime();
        var domain = domains.start(spec("one", Limits.NONE, "echo hello; exec sleep 300"), soon());
        System.out.printf("a domain started in %d ms%n", (System.nanoTime() - before) / 1_000_000);

        var successor = host().domains();
        assertThat(successor.names()).containsExactly("one", "warm");
        var found = successor.find("one").orElseThrow();
        assertThat(found.pid()).isEqualTo(domain.pid());
        assertThat(found.isAlive()).isTrue();
        assertThat(found.stats().memory().count()).isPositive();
        assertThat(found.stats().processes()).isEqualTo(1);
        while (Files.size(home.resolve("one.log")) == 0) {
            Thread.sleep(2);
        }
        assertThat(home.resolve("one.log")).hasContent("hello");
        assertThatThrownBy(() -> domains.start(spec("one", Limits.NONE, "true"), soon()))
                .isInstanceOf(IOException.class).hasMessageContaining("runs already");

        found.kill();
        domain.waitForEnd();
        assertThat(domains.find("one")).isEmpty();
        before = System.nanoTime();
        domains.ensureAbsent("one");
        System.out.printf("a domain was removed in %d ms%n", (System.nanoTime() - before) / 1_000_000);
        domains.ensureAbsent("one");
        assertThat(domains.names()).containsExactly("warm");
    }

    @Test void aDomainSeesNothingOfTheHostAndMayDoNothingToIt() throws Exception {
        var other = Files.createDirectories(home.resolve("m/other"));
        Files.writeString(other.resolve("secret"), "secret");
        var own = Files.createDirectories(home.resolve("m/own"));
        Ownership.change(own, UID, UID);
        var script = """
                id -u; id -g; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status
                grep Seccomp: /proc/self/status
                cat /etc/shadow; ls %s; ls /root; ls /var/log; touch /usr/x; touch /x
                unshare -U true; mount -t tmpfs none /tmp; mknod /tmp/x c 1 3; dmesg; kill -9 %d
                cat /proc/kcore; echo 1 > /proc/sys/kernel/panic; cat /dev/mem; ls /sys/class
                touch %s/mine && echo own folder is writable
                ls /dev; ls /proc | grep -c '^[0-9]'; cat /sys/class/net/eth0/address; ip link
                """.formatted(other, ProcessHandle.current().pid(), own);
        var spec = new DomainSpec("jail", List.of("/bin/sh", "-c", script), List.of("PATH=/usr/bin:/usr/sbin"), "/",
                home.resolve("jail.log"), UID, UID, List.of(Bind.writable(own)), List.of(), Limits.NONE, false);
        ended(spec);

        var log = Files.readString(home.resolve("jail.log"));
        assertThat(log).startsWith("200001\n200001\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
        assertThat(log).contains("own folder is writable", "cat: /etc/shadow: No such file", "other': No such file",
                "cannot access '/root'", "cannot touch '/usr/x': Read-only", "cannot touch '/x': Read-only",
                "unshare: unshare failed: Operation not permitted", "/dev/mem: No such file",
                "cannot access '/sys/class'");
        assertThat(log).doesNotContain("secret\n");
        assertThat(own.resolve("mine")).exists();
        assertThat(Files.getAttribute(own.resolve("mine"), "unix:uid")).isEqualTo(UID);
    }

    @Test void sharesTheHostsNetworkOnlyWhenToldTo() throws Exception {
        var shared = new DomainSpec("net", List.of("/usr/bin/cat", "/proc/net/dev", "/etc/resolv.conf"), List.of(), "/",
                home.resolve("net.log"), UID, UID, List.of(), List.of(), Limits.NONE, true);
        ended(shared);
        var hosts = Files.readAllLines(Path.of("/proc/net/dev")).size();
        assertThat(Files.readAllLines(home.resolve("net.log")).size()).isGreaterThanOrEqualTo(hosts);

        ended(spec("nonet", Limits.NONE, "cat /proc/net/dev; cat /etc/resolv.conf"));
        assertThat(Files.readAllLines(home.resolve("nonet.log"))).hasSize(4)
                .anyMatch(line -> line.strip().startsWith("lo:"))
                .anyMatch(line -> line.contains("resolv.conf: No such file"));
    }

    @Test void onlyTheGivenDevicesAreThere() throws Exception {
        var spec = new DomainSpec("devices", List.of("/bin/sh", "-c", "ls /dev; dd if=/dev/zero of=/dev/null count=1;"
                + " stat -c '%u %a' /dev/net/tun; exec 3<>/dev/net/tun && echo tun opens"), List.of("PATH=/usr/bin"), "/",
                home.resolve("devices.log"), UID, UID, List.of(), List.of(Path.of("/dev/net/tun")), Limits.NONE, false);
        assumeThat(Path.of("/dev/net/tun")).exists();
        ended(spec);

        assertThat(Files.readString(home.resolve("devices.log")))
                .contains("null\n", "urandom\n", "1+0 records in", "200001 600", "tun opens")
                .doesNotContain("mem\n", "kvm\n", "loop", "sda", "vda");
    }

    @Test void limitsHold() throws Exception {
        assumeThat(Cgroups.ofHost().controllers()).contains("memory", "pids", "cpu");
        var memory = new Limits(Optional.of(Bytes.mib(32)), Optional.empty(), OptionalInt.empty());
        var hog = domains.start(spec("hog", memory, "exec tail -c 200M /dev/zero"), soon());
        hog.waitForEnd();
        assertThat(hog.isAlive()).isFalse();

        var pids = new Limits(Optional.empty(), Optional.empty(), OptionalInt.of(16));
        ended(spec("fork", pids, "for i in $(seq 30); do sleep 1 & done; wait"));
        assertThat(home.resolve("fork.log")).content().containsIgnoringCase("cannot fork");

        var cpus = new Limits(Optional.empty(), Optional.of(0.2), OptionalInt.empty());
        var spinner = domains.start(spec("spin", cpus, "while :; do :; done"), soon());
        Thread.sleep(2000);
        assertThat(spinner.stats().cpu()).isBetween(Duration.ofMillis(50), Duration.ofMillis(700));
    }

    @Test void saysWhyAProgramDidNotStart() {
        var spec = new DomainSpec("none", List.of("/usr/bin/no-such-program"), List.of(), "/",
                home.resolve("none.log"), UID, UID, List.of(), List.of(), Limits.NONE, false);

        assertThatThrownBy(() -> domains.start(spec, soon()))
                .isInstanceOf(IOException.class).hasMessageContaining("no-such-program");
        assertThat(new DomainPlaces(home, runtime, "").folder("none").exists()).isFalse();
    }

    @Test void aDeadlineOrAnInterruptionLeavesNothing() throws Exception {
        domains.start(spec("warm", Limits.NONE, "exec sleep 300"), soon());
        for (int millis = 5; millis <= 60; millis += 11) {
            int wait = millis;
            assertThatThrownBy(() -> {
                domains.start(spec("late", Limits.NONE, "exec sleep 300"), Deadline.in(Duration.ofMillis(wait)));
                throw new IOException("it was in time");
            }).isInstanceOf(IOException.class);
            domains.ensureAbsent("late");
            assertThat(domains.names()).as("after %d ms", wait).containsExactly("warm");
            assertThat(marked()).as("after %d ms", wait).hasSize(0);
        }
    }

    /// The runtime, or everything it has started, is killed at random moments of a start; then all is removed.
    @Test void whateverIsKilledDuringAStartCanBeRemoved() throws Exception {
        domains.start(spec("warm", Limits.NONE, "exec sleep 300"), soon());
        long seed = System.nanoTime();
        var random = new Random(seed);
        int halfMade = 0;
        for (int round = 0; round < 30; round++) {
            var starter = Thread.ofVirtual().start(() -> {
                try {
                    domains.start(spec("victim", Limits.NONE, "exec sleep 300"), soon());
                } catch (IOException | InterruptedException _) {
                    // Killed: that is what this test does.
                }
            });
            Thread.sleep(random.nextInt(60));
            for (long pid : runtimePids()) {
                table.find(pid).ifPresent(this::killQuietly);
            }
            // As if the daemon had been killed too: nobody undoes what was begun, another one removes it.
            if (Files.exists(new DomainPlaces(home, runtime, "").folder("victim").path())) halfMade++;
            starter.join();
            host().domains().ensureAbsent("victim");
            assertThat(domains.names()).as("seed %d round %d", seed, round).containsExactly("warm");
            assertThat(victims()).as("seed %d round %d", seed, round).isEmpty();
        }
        assertThat(halfMade).isPositive();
    }

    /// Another JVM is killed while it starts a domain; its runtime works on. What it has left is removed from here.
    @Test void whatAKilledDaemonHasLeftCanBeRemoved() throws Exception {
        domains.start(spec("warm", Limits.NONE, "exec sleep 300"), soon());
        long seed = System.nanoTime();
        var random = new Random(seed);
        int started = 0;
        for (int round = 0; round < 12; round++) {
            var daemon = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1",
                    "-cp", System.getProperty("java.class.path"), StarterOfDomains.class.getName(),
                    home.toString(), runtime.toString()).redirectError(home.resolve("jvm.err").toFile()).start();
            assertThat(daemon.inputReader().readLine()).as("%s", home.resolve("jvm.err")).isEqualTo("ready");
            Thread.sleep(random.nextInt(round < 6 ? 150 : 1500));
            daemon.destroyForcibly().waitFor();
            // A successor needs longer than this to come up.
            Thread.sleep(20);
            if (domains.find("victim").isPresent()) started++;
            host().domains().ensureAbsent("victim");
            assertThat(domains.names()).as("seed %d round %d", seed, round).containsExactly("warm");
            Thread.sleep(100);
            assertThat(victims()).as("seed %d round %d", seed, round).isEmpty();
        }
        System.out.printf("%d of 12 domains had started before their daemon was killed%n", started);
    }

    @Test void qemuRunsUnderItsOwnSandboxToo() throws Exception {
        var qemu = Path.of("/usr/bin/qemu-system-x86_64");
        assumeThat(qemu).exists();
        var own = Files.createDirectories(home.resolve("m/vm"));
        Ownership.change(own, UID, UID);
        var limits = new Limits(Optional.of(Bytes.mib(256)), Optional.empty(), OptionalInt.of(32));
        long before = System.nanoTime();
        var domain = domains.start(new DomainSpec("vm", List.of(qemu.toString(), "-nodefaults", "-display", "none",
                "-M", "q35", "-m", "32", "-accel", "tcg,tb-size=32",
                "-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0",
                "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                "-qmp", "unix:" + own.resolve("qmp.sock") + ",server=on,wait=off"), List.of(), "/",
                home.resolve("vm.log"), UID, UID, List.of(Bind.writable(own)), List.of(), limits, true), soon());
        try (var monitor = connect(domain, own.resolve("qmp.sock"))) {
            System.out.printf("QEMU's monitor was there after %d ms%n", (System.nanoTime() - before) / 1_000_000);
            var greeting = ByteBuffer.allocate(1000);
            monitor.read(greeting);
            assertThat(new String(greeting.array(), 0, greeting.position(), StandardCharsets.UTF_8)).contains("QMP");
        }
    }

    /// QEMU binds its socket some time before it listens.
    private SocketChannel connect(Domain domain, Path socket) throws Exception {
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (SocketException e) {
                assertThat(domain.isAlive()).as(Files.readString(home.resolve("vm.log"))).isTrue();
                Thread.sleep(2);
            }
        }
    }

    /// What a daemon leaves that is killed after each step of a start, made by hand.
    @Test void everyStepOfAStartCanBeRemoved() throws Exception {
        var places = new DomainPlaces(home, runtime, "");
        var folder = places.folder("half");
        folder.ensure();
        domains.ensureAbsent("half");
        assertThat(domains.names()).isEmpty();

        Files.createDirectories(places.runtimeState().resolve("half"));
        assertThat(domains.names()).containsExactly("half");
        domains.ensureAbsent("half");
        assertThat(domains.names()).isEmpty();

        var cgroup = Cgroups.ofHost().at(places.cgroup("half"));
        cgroup.ensure();
        var sleeper = new ProcessBuilder("setsid", "sleep", "300").start();
        cgroup.add(table.find(sleeper.pid()).orElseThrow());
        assertThat(domains.names()).containsExactly("half");
        domains.ensureAbsent("half");
        assertThat(sleeper.waitFor()).isEqualTo(128 + 9);
        assertThat(cgroup.exists()).isFalse();

        domains.start(spec("half", Limits.NONE, "exec sleep 300"), soon());
        Files.delete(folder.path().resolve("domain.json"));
        assertThat(domains.find("half")).as("it never came to run").isEmpty();
        domains.ensureAbsent("half");
        assertThat(domains.names()).isEmpty();
    }

    @Test void aRuntimeThatWorksOnForAKilledDaemonIsEndedFirst() throws Exception {
        var places = new DomainPlaces(home, runtime, "");
        places.folder("orphan").ensure();
        var builder = new ProcessBuilder("setsid", "sh", "-c", "sleep 300 & wait");
        builder.environment().put("HOSTAL_DOMAIN", places.cgroup("orphan"));
        var orphan = builder.start();
        domains.ensureAbsent("orphan");

        assertThat(orphan.waitFor()).isEqualTo(128 + 9);
        assertThat(marked()).isEmpty();
    }

    /// A runtime that was forked and has no session of its own yet: the others of that session live on.
    @Test void aRuntimeInSomebodyElsesSessionIsEndedAlone() throws Exception {
        var places = new DomainPlaces(home, runtime, "");
        places.folder("young").ensure();
        var shell = new ProcessBuilder("setsid", "sh", "-c",
                "HOSTAL_DOMAIN=" + places.cgroup("young") + " sleep 300; echo lives").start();
        while (marked().isEmpty()) {
            Thread.sleep(5);
        }
        domains.ensureAbsent("young");

        assertThat(new String(shell.getInputStream().readAllBytes()).strip()).isEqualTo("lives");
        assertThat(marked()).isEmpty();
    }

    @Test void twentyAtOnce() throws Exception {
        domains.start(spec("warm", Limits.NONE, "exec sleep 300"), soon());
        var threads = new ArrayList<Thread>();
        long before = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            var name = "n" + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    domains.start(spec(name, Limits.NONE, "exec sleep 300"), soon());
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        System.out.printf("20 domains started in %d ms%n", (System.nanoTime() - before) / 1_000_000);
        for (int i = 0; i < 20; i++) {
            assertThat(domains.find("n" + i)).isPresent();
        }
    }

    @Test void theProbesTellWhatWorksHere() throws Exception {
        var probes = host().probes(soon());
        probes.forEach(System.out::println);
        assertThat(probes.stream().map(Probe::name))
                .containsExactly("host", "root", "oci-runtime", "limits", "disk", "tun");
        assertThat(probes).filteredOn(probe -> !probe.works()).allMatch(probe -> !probe.remedy().isEmpty());
        assertThat(probes).filteredOn(probe -> probe.name().equals("oci-runtime")).allMatch(Probe::works);
    }

    private HostDomains host() throws IOException {
        return HostDomains.of(home, runtime, new HostProcesses(table, System.getenv(), home.toString()), table,
                ProgramPath.of(System.getenv()));
    }

    private DomainSpec spec(String name, Limits limits, String script) {
        return new DomainSpec(name, List.of("/bin/sh", "-c", script), List.of("PATH=/usr/bin:/usr/sbin"), "/",
                home.resolve(name + ".log"), UID, UID, List.of(), List.of(), limits, false);
    }

    /// Runs a program to its end, which may be sooner than a start can see it.
    private void ended(DomainSpec spec) throws IOException, InterruptedException {
        try {
            domains.start(spec, soon()).waitForEnd();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("ended at once");
        }
    }

    /// OCI runtimes at work for the domain `victim`, and what they have forked.
    /// Those of a runtime's session, once it leads one; before that it is in ours.
    private List<Long> runtimePids() throws IOException {
        var mark = "HOSTAL_DOMAIN=" + new DomainPlaces(home, runtime, "").cgroup("victim");
        var pids = new ArrayList<Long>();
        for (var stat : table.list()) {
            if (table.hasEnvironment(stat.id().pid(), mark) || table.hasEnvironment(stat.session(), mark)) {
                pids.add(stat.id().pid());
            }
        }
        return pids;
    }

    /// Processes that carry the mark of a runtime of this home.
    private List<Long> marked() throws IOException {
        var found = new ArrayList<Long>();
        for (var stat : table.list()) {
            var mark = table.environment(stat.id().pid(), "HOSTAL_DOMAIN");
            if (mark.isPresent() && mark.get().startsWith(new DomainPlaces(home, runtime, "").cgroupRoot())) {
                found.add(stat.id().pid());
            }
        }
        return found;
    }

    /// Everything that could be left of the domain `victim`, whatever the code under test knows of.
    private List<String> victims() throws IOException {
        var left = new ArrayList<String>();
        var path = new DomainPlaces(home, runtime, "").cgroup("victim");
        for (var stat : table.list()) {
            var cgroup = Path.of("/proc/" + stat.id().pid() + "/cgroup");
            if (Files.exists(cgroup) && Files.readString(cgroup).contains(path)) left.add("process " + stat.id());
        }
        var hierarchies = Stream.concat(Stream.of(""), Folders.names(Path.of("/sys/fs/cgroup")).stream());
        hierarchies.map(name -> Path.of("/sys/fs/cgroup", name, path)).filter(Files::exists)
                .forEach(cgroup -> left.add(cgroup.toString()));
        return left;
    }

    private void killQuietly(ProcessId id) {
        try {
            table.kill(id);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }
}
