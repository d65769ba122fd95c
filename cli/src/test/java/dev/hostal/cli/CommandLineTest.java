package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.ProbeV1;
import dev.hostal.cli.FakeStreams.Happening.Signalled;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole command lines against a daemon in memory.
class CommandLineTest {
    private final Trial trial = new Trial();

    @Test void runPassesStreamsAndStatusOn() throws Exception {
        assertThat(trial.run("run", "--rm", "--vm", "--name", "one", "tiny", "both")).isEqualTo(3);

        assertThat(trial.out()).isEqualTo("out\n");
        assertThat(trial.err()).isEqualTo("err\n");
        assertThat(trial.hostal.calls).startsWith("create tiny", "attach one", "start one");
        assertThat(trial.hostal.instances).isEmpty();
        assertThat(trial.signals).as("handlers are taken back").isEmpty();
    }

    @Test void runHandsOnWhatWasAsked() throws Exception {
        trial.env.put("COLOUR", "blue");

        trial.run("run", "-d", "--vm", "--memory", "512m", "--cpus", "2", "--disk", "4g", "--arch", "arm64", "-e", "COLOUR", "-u",
                "1000:1000", "-w", "/tmp", "--entrypoint", "sh", "--hostname", "h", "-l", "a=b", "--init", "--pull", "never",
                "--stop-timeout", "3", "tiny", "-c", "echo $COLOUR");

        var json = trial.hostal.created.getFirst().toJson();
        assertThat(json.toText()).isEqualTo("""
                {"kind":"vm","image":"tiny","arch":"aarch64","cpus":2,"memory":536870912,"diskSize":4294967296,"boot":"init",\
                "entrypoint":["sh"],"command":["-c","echo $COLOUR"],"env":{"COLOUR":"blue"},"user":"1000:1000",\
                "workdir":"/tmp","tty":false,"stdin":false,"hostname":"h","labels":{"a":"b"},"autoRemove":false,\
                "stopTimeout":3,"pull":"never"}""");
        assertThat(trial.out()).isEqualTo("calm-otter\n");
    }

    @Test void instancesAreLookedAfter() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);

        assertThat(trial.run("update", "--memory", "1g", "--cpus", "2", "--pids-limit", "9", "--restart", "always",
                "web")).isZero();
        assertThat(trial.run("update", "--cpus", "0.5", "web")).isZero();
        assertThat(trial.hostal.updates).map(body -> body.toJson().toText()).containsExactly(
                "{\"cpus\":2,\"memory\":1073741824,\"limits\":{\"pids\":9},\"restart\":\"always\"}",
                "{\"limits\":{\"cpuQuota\":0.5}}");
        assertThat(trial.run("update", "web")).isNotZero();
        assertThat(trial.run("top", "web")).isZero();
        assertThat(trial.out()).contains("sleep 100");
        assertThat(trial.run("prune")).isZero();
        assertThat(trial.out()).isEqualTo("old\nolder\n");
    }

    @Test void limitsConfinementAndCareAreInDockersWords() throws Exception {
        trial.run("run", "-d", "--cpus", "1.5", "--cpu-shares", "512", "--cpuset-cpus", "0-1", "-m", "32m", "--memory-swap", "-1",
                "--memory-reservation", "16m", "--pids-limit", "50", "--blkio-weight", "300", "--device-read-bps",
                "/dev/sda:1m", "--device-write-iops", "/dev/sda:100", "--ulimit", "nofile=10:20", "--oom-score-adj", "500",
                "--cap-add", "NET_ADMIN", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--security-opt",
                "seccomp=unconfined", "--read-only", "--tmpfs", "/run:size=1m,mode=755", "--shm-size", "1m", "--sysctl",
                "net.core.somaxconn=9", "--device", "/dev/fuse", "--group-add", "audio", "--init", "--pid", "host",
                "--add-host", "a:1.2.3.4", "--dns", "9.9.9.9", "--dns-search", "x", "--dns-option", "ndots:2",
                "--restart", "on-failure:3", "--stop-signal", "SIGINT", "--health-cmd", "true", "--health-interval",
                "1m30s", "--health-timeout", "500ms", "--health-retries", "2", "--health-start-period", "5s", "tiny");

        assertThat(trial.hostal.created.getFirst().toJson().toText()).isEqualTo("""
                {"image":"tiny","cpus":2,"memory":33554432,"command":[],"env":{},"tty":false,"stdin":false,"labels":{},\
                "autoRemove":false,"limits":{"cpuQuota":1.5,"cpuWeight":50,"cpuset":"0-1","memorySwap":9223372036854775807,\
                "memoryReservation":16777216,"oomScoreAdj":500,"pids":50,"ioWeight":300,\
                "ioMax":["/dev/sda rbps=1048576","/dev/sda wiops=100"],"ulimits":{"nofile":"10:20"}},\
                "confinement":{"capAdd":["NET_ADMIN"],"capDrop":["ALL"],"noNewPrivileges":true,"seccomp":"unconfined",\
                "readOnlyRoot":true,"pidNamespace":"host","sysctls":{"net.core.somaxconn":"9"},"devices":["/dev/fuse"],\
                "groups":["audio"],"shmSize":1048576,"reaper":true,"extraHosts":["a:1.2.3.4"],"dns":["9.9.9.9"],\
                "dnsSearch":["x"],"dnsOptions":["ndots:2"]},"care":{"restart":"on-failure:3","stopSignal":"INT",\
                "healthCommand":["CMD-SHELL","true"],"healthIntervalMillis":90000,"healthTimeoutMillis":500,\
                "healthStartPeriodMillis":5000,"healthRetries":2},"mounts":[{"type":"tmpfs","source":"","target":"/run",\
                "options":{"mode":"755","size":"1m"}}]}""");
    }

    @Test void standardInputReachesTheProgramAndEnds() throws Exception {
        trial.in = new byte[200_000];
        new Random(1).nextBytes(trial.in);

        assertThat(trial.run("run", "-i", "tiny", "cat")).isZero();
        assertThat(trial.out.toByteArray()).isEqualTo(trial.in);

        trial.hostal.add("web", "running", List.of(), false, false);
        assertThat(trial.run("exec", "-i", "web", "cat")).isZero();
        assertThat(trial.out.toByteArray()).isEqualTo(trial.in);
    }

    @Test void bytesThatAreNoTextPassUntouched() throws Exception {
        trial.run("run", "tiny", "bytes");

        assertThat(trial.out.toByteArray()).hasSize(256).contains(0x80, 0xff, 0);
    }

    @Test void statusesTellWhoFailed() throws Exception {
        assertThat(trial.run("run", "tiny", "exit", "42")).isEqualTo(42);
        assertThat(trial.run("run", "tiny", "no-such")).isEqualTo(127);
        assertThat(trial.err()).isEqualTo("hostal: no-such was not found in the guest\n");
        assertThat(trial.run("run", "tiny", "noexec")).isEqualTo(126);
        assertThat(trial.run("run", "missing")).isEqualTo(125);
        assertThat(trial.err()).isEqualTo("hostal: There is no image missing.\nhostal: Maybe another.\n");
        assertThat(trial.run("run", "--nmae", "x", "tiny")).isEqualTo(125);
        assertThat(trial.run("create", "missing")).isEqualTo(1);
        assertThat(trial.run("list", "--nmae")).isEqualTo(2);
        assertThat(trial.run("lsit")).isEqualTo(2);
        assertThat(trial.err()).contains("'lsit' is not a command").contains("hostal list");
        assertThat(trial.run("image", "lits")).isEqualTo(2);
        assertThat(trial.err()).contains("hostal image list");
    }

    @Test void aStartThatFailsIsSaidAndNothingIsLeft() throws Exception {
        trial.hostal.startFails = Optional.of(FakeHostal.error("GUEST_NOT_READY", "The kernel did not come up."));

        assertThat(trial.run("run", "--rm", "tiny", "true")).isEqualTo(125);

        assertThat(trial.err()).isEqualTo("hostal: The kernel did not come up.\n");
        assertThat(trial.hostal.instances).isEmpty();

        assertThat(trial.run("run", "-d", "--rm", "tiny", "true")).isEqualTo(125);
        assertThat(trial.hostal.instances).isEmpty();

        assertThat(trial.run("run", "tiny", "true")).isEqualTo(125);
        assertThat(trial.hostal.instances).as("without --rm it can be looked at").hasSize(1);
    }

    @Test void aConnectionThatBreaksIsSaid() throws Exception {
        assertThat(trial.run("run", "--name", "web", "tiny", "break")).isEqualTo(125);
        assertThat(trial.err()).contains("connection to the daemon broke; web may run on").contains("hostal attach web");

        assertThat(trial.run("exec", "web", "break")).isEqualTo(125);
        assertThat(trial.err()).contains("the program in web may run on");

        assertThat(trial.run("run", "tiny", "close")).isEqualTo(125);
        assertThat(trial.err()).contains("without an exit status");
    }

    @Test void readersThatLeaveEndItQuietly() throws Exception {
        trial.outSink = new OutputStream() {
            @Override public void write(int one) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        assertThat(trial.run("run", "tiny", "yes")).isEqualTo(141);
        assertThat(trial.hostal.happened()).as("as if the pipe were its own").contains(new Signalled("PIPE"));
        assertThat(trial.err()).isEmpty();
        assertThat(trial.run("help")).isEqualTo(141);
        assertThat(trial.err()).isEmpty();
    }

    @Test void signalsGoToTheProgramAndTheSecondInterruptKills() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        var pressing = Thread.ofVirtual().start(() -> {
            for (var signal : new String[] {"TERM", "INT", "INT"}) {
                while (!trial.signals.containsKey(signal)) {
                    Thread.onSpinWait();
                }
                trial.signals.get(signal).run();
            }
        });

        assertThat(trial.run("exec", "web", "tell")).isEqualTo(137);

        pressing.join();
        assertThat(trial.out()).isEqualTo("ready\r\nsignal TERM\r\nsignal INT\r\nsignal KILL\r\n");
    }

    @Test void aTerminalIsNeededForOne() throws Exception {
        assertThat(trial.run("run", "-it", "tiny")).isEqualTo(125);
        assertThat(trial.err()).contains("need a terminal").contains("Maybe leave -t out");
    }

    @Test void listsAreTablesOrJsonOrNames() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        trial.hostal.add("db", "stopped", List.of(), false, false);
        var shown = new StringBuilder();
        for (var line : List.of("list", "list -q", "list --phase stopped", "ps --json", "show web", "show web --json",
                "image list", "operation list", "operation show op-1", "events --limit 2", "stats --json", "version",
                "daemon status", "image pull tiny", "wait db", "rename web web2")) {
            trial.run(line.split(" "));
            shown.append("$ hostal ").append(line).append('\n').append(trial.out()).append(trial.err()).append('\n');
        }
        Golden.check("src/test/golden/output.txt", shown.toString());
    }

    @Test void everythingThatPrintsHasJson() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        trial.hostal.probes.add(new ProbeV1("kvm", false, false, "It hangs.", "None."));
        trial.hostal.logged("stdout", "x".getBytes(StandardCharsets.UTF_8));
        for (var line : List.of("list", "show web", "stats", "doctor", "version", "daemon status", "image list",
                "image pull tiny", "operation list", "operation show 1", "wait web", "rename web other", "pause web",
                "resume web", "stop web", "start web", "kill web", "create tiny", "run -d --name x tiny", "delete --force x",
                "events --limit 1", "logs web")) {
            assertThat(trial.run(("--json " + line).split(" "))).as(line + trial.err()).isZero();
            assertThat(Json.parse(trial.out())).as(line).isNotNull();
        }
        trial.run("show", "--json", "nothing");
        assertThat(JsonObject.parse(trial.err()).text("code")).isEqualTo("INSTANCE_NOT_FOUND");
    }

    @Test void severalAreAskedAndOneThatRefusesDoesNotStopTheRest() throws Exception {
        trial.hostal.add("a", "stopped", List.of(), false, false);
        trial.hostal.add("b", "running", List.of(), false, false);
        trial.hostal.add("c", "stopped", List.of(), false, false);

        assertThat(trial.run("rm", "a", "b", "nothing", "c")).isEqualTo(1);

        assertThat(trial.out()).isEqualTo("a\nc\n");
        assertThat(trial.err()).contains("b is running").contains("no instance 'nothing'");
        assertThat(trial.run("stop", "-t", "5", "b")).isZero();
        assertThat(trial.hostal.calls).contains("stop b {timeout=5}");
    }

    @Test void doctorEndsByWhatMustWork() throws Exception {
        trial.hostal.probes.add(new ProbeV1("qemu", true, true, "QEMU 7.2 answers.", ""));
        trial.hostal.probes.add(new ProbeV1("kvm", false, false, "A 64-bit guest hangs.", "Guests are emulated."));
        assertThat(trial.run("doctor")).isZero();
        var first = trial.out();

        trial.hostal.probes.add(new ProbeV1("store", false, true, "The disk is full.", "Maybe delete images."));
        assertThat(trial.run("doctor")).isEqualTo(1);
        Golden.check("src/test/golden/doctor.txt", first + "----\n" + trial.out());
    }

    @Test void logsPassBytesOnByStream() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        trial.hostal.logged("stdout", new byte[] {(byte) 0xff, 'a', '\n'});
        trial.hostal.logged("stderr", "oops\n".getBytes(StandardCharsets.UTF_8));

        trial.run("logs", "-f", "--tail", "5", "web");

        assertThat(trial.out.toByteArray()).containsExactly(0xff, 'a', '\n');
        assertThat(trial.err()).isEqualTo("oops\n");
        assertThat(trial.hostal.calls).contains("logs web " + Map.of("follow", "true").toString().replace("}", ", tail=5}"));
    }

    @Test void wordsAreCompletedFromTheTable() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        var shown = new StringBuilder();
        for (var line : List.of("", "st", "image ", "image pu", "run --p", "run --pull ", "run --arch ri", "run ",
                "stop ", "stop web ", "exec -e A=b ", "exec web l", "cp ", "completion z", "nothing ", "kill --si")) {
            var words = new ArrayList<>(List.of("complete-words", "--"));
            words.addAll(List.of(line.split(" ", -1)));
            trial.run(words.toArray(String[]::new));
            shown.append('[').append(line).append("] ").append(trial.out().replace('\n', ' ').strip()).append('\n');
        }
        Golden.check("src/test/golden/completion.txt", shown.toString());

        trial.daemonRuns = false;
        trial.run("complete-words", "--", "stop", "");
        assertThat(trial.out()).as("completing starts no daemon").isEmpty();
        assertThat(trial.daemonRuns).isFalse();
    }

    @Test void theDaemonIsToldApartFromItsAbsence() throws Exception {
        assertThat(trial.run("daemon", "stop")).isZero();
        assertThat(trial.run("daemon", "status")).isEqualTo(3);
        assertThat(trial.run("daemon", "status", "--json")).isEqualTo(3);
        assertThat(JsonObject.parse(trial.out()).bool("running")).isFalse();
        assertThat(trial.run("daemon", "start")).isZero();
        assertThat(trial.run("daemon", "log")).isZero();
        assertThat(trial.out()).isEqualTo("one line\n");
    }

    @Test void sshSaysWhatTheGuestLacks(@TempDir Path home) throws Exception {
        trial.home = home;
        trial.hostal.add("web", "running", List.of(), false, false);

        assertThat(trial.run("ssh", "status42@web")).isEqualTo(125);
        assertThat(trial.err()).contains("no SSH server").contains("hostal exec -it web sh");
        assertThat(trial.run("ssh", "-l", "status43", "web")).isEqualTo(125);
        assertThat(trial.err()).contains("has no user status43");
        assertThat(trial.run("ssh", "status1@web")).isEqualTo(125);
        assertThat(trial.err()).contains("(status 1): ssh-ed25519 ");
        assertThat(Files.getPosixFilePermissions(home.resolve("ssh/id_ed25519"))).hasSize(2);
    }

    @Test void connectStdioPassesBothWays() throws Exception {
        trial.in = "SSH-2.0\r\n".getBytes(StandardCharsets.UTF_8);

        assertThat(trial.run("connect-stdio", "web", "22")).isZero();
        assertThat(trial.out()).isEqualTo("SSH-2.0\r\n");
        assertThat(trial.run("connect-stdio", "web", "0")).isEqualTo(2);
    }
}
