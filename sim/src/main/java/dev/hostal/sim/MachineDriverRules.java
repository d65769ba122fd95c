package dev.hostal.sim;

import dev.hostal.base.Deadline;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// The rules that every driver of machines keeps, as checks without a test library, so that any driver's tests can
/// run them. A new driver passes these before its own tests exist. The guest must have `sh`, `echo`, `cat` and
/// `sleep`.
public final class MachineDriverRules {
    /// Where the rules get what they need.
    public interface Bench {
        MachineDriver driver();

        /// The same host as a daemon sees it that has just been started.
        MachineDriver restarted() throws IOException, InterruptedException;

        /// A machine with a fresh id that runs the program.
        MachineSpec machine(List<String> argv) throws IOException, InterruptedException;

        /// More than any step takes.
        Duration patience();
    }

    /// One rule, and how it is checked.
    public record Rule(String text, Check check) {}

    /// Fails with an AssertionError that says what was wrong.
    @FunctionalInterface
    public interface Check {
        void run() throws Exception;
    }

    private final Bench bench;

    private MachineDriverRules(Bench bench) {
        this.bench = bench;
    }

    public static List<Rule> of(Bench bench) {
        var rules = new MachineDriverRules(bench);
        return List.of(
                new Rule("what was never started is unknown, and can be stopped and removed", rules::unknown),
                new Rule("a program runs when it is told to, and its streams and exit status come back", rules::runs),
                new Rule("a program that is told to run twice runs once", rules::runsOnce),
                new Rule("starting what runs adopts it", rules::startsOnce),
                new Rule("a machine is found again after a restart of the daemon, and can be used", rules::survives),
                new Rule("exec runs other programs, and says 127 of those that are not there", rules::execs),
                new Rule("a guest that is asked to end ends", rules::shutsDown),
                new Rule("a killed machine is gone at once, and its program ended by that if anybody tells", rules::kills),
                new Rule("a paused machine is paused until it is resumed", rules::pauses),
                new Rule("logs stay when the machine has ended, with the exit status", rules::logs),
                new Rule("what is stopped can be started again", rules::startsAgain),
                new Rule("ensureStopped and ensureAbsent can be done twice", rules::repeats));
    }

    private void unknown() throws Exception {
        var spec = bench.machine(List.of("true"));
        holds(bench.driver().find(spec.id(), deadline()).isEmpty(), "nothing is found");
        holds(!bench.driver().known().contains(spec.id().brief()), "nothing is known");
        bench.driver().ensureStopped(spec.id().brief());
        bench.driver().ensureAbsent(spec.id().brief());
        holds(bench.driver().logs(spec.id()).lastExit().isEmpty(), "nothing has ended");
    }

    private void runs() throws Exception {
        running(List.of("sh", "-c", "echo out; echo err >&2; exit 7"), (_, machine) -> {
            try (var process = machine.guest().attachMain(deadline())) {
                holds(machine.guest().mainExit().isEmpty(), "it has not ended before it was told to run");
                machine.guest().runMain(true, deadline());
                same("out\n", text(process));
                same("err\n", new String(process.stderr().readAllBytes(), StandardCharsets.UTF_8));
                same(new ExitStatus(7), process.waitForExit());
            }
            same(new ExitStatus(7), machine.guest().waitForMain());
            same(Optional.of(new ExitStatus(7)), machine.guest().mainExit());
            machine.waitForEnd();
        });
    }

    private void runsOnce() throws Exception {
        running(List.of("cat"), (_, machine) -> {
            try (var process = machine.guest().attachMain(deadline())) {
                machine.guest().runMain(true, deadline());
                machine.guest().runMain(true, deadline());
                process.stdin().write("once".getBytes(StandardCharsets.UTF_8));
                process.stdin().close();
                same("once", text(process));
            }
        });
    }

    private void startsOnce() throws Exception {
        running(List.of("sleep", "infinity"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            var again = bench.driver().start(spec, Progress.NONE, deadline());
            same(machine.id(), again.id());
            again.guest().runMain(false, deadline());
            again.close();
            holds(machine.guest().mainExit().isEmpty(), "it runs on");
        });
    }

    private void survives() throws Exception {
        running(List.of("sleep", "infinity"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            machine.close();
            var driver = bench.restarted();
            holds(driver.known().contains(spec.id().brief()), "it is known");
            var found = driver.find(spec.id(), deadline()).orElseThrow(() -> new AssertionError("it is not found"));
            try (var process = found.guest().exec(program("echo", "here"), deadline())) {
                same("here\n", text(process));
            }
            holds(!found.isPaused(), "it runs");
            found.kill();
            found.close();
        });
    }

    private void execs() throws Exception {
        running(List.of("sleep", "infinity"), (_, machine) -> {
            machine.guest().runMain(false, deadline());
            try (var process = machine.guest().exec(program("sh", "-c", "exit 3"), deadline())) {
                process.stdout().readAllBytes();
                same(new ExitStatus(3), process.waitForExit());
            }
            try (var process = machine.guest().exec(program("no-such-program"), deadline())) {
                holds(process.stderr().readAllBytes().length > 0, "it says why on its stderr");
                same(ExitStatus.NOT_FOUND, process.waitForExit());
            }
        });
    }

    private void shutsDown() throws Exception {
        running(List.of("sleep", "infinity"), (_, machine) -> {
            machine.guest().runMain(false, deadline());
            awaitProgram(machine);
            machine.guest().shutdown(deadline());
            var ended = new FutureTask<Void>(() -> {
                machine.waitForEnd();
                return null;
            });
            Thread.ofVirtual().name("rules-end").start(ended);
            ended.get(bench.patience().toMillis(), TimeUnit.MILLISECONDS);
            holds(machine.guest().mainExit().isPresent(), "its program's end was told");
        });
    }

    /// A container's first process gets no signal before it is the program: until then it is not one that listens.
    private void awaitProgram(Machine machine) throws Exception {
        var deadline = deadline();
        while (machine.processes().filter(lines -> lines.stream().noneMatch(line -> line.contains("sleep infinity"))).isPresent()) {
            holds(!deadline.isPast(), "its program runs");
            Thread.sleep(10);
        }
    }

    private void kills() throws Exception {
        running(List.of("sleep", "infinity"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            machine.kill();
            machine.waitForEnd();
            same(ExitStatus.KILLED, machine.guest().waitForMain());
            // What holds a container can still tell; what is in a virtual machine is gone with it.
            killedIfTold(machine.guest().mainExit());
            holds(bench.driver().find(spec.id(), deadline()).isEmpty(), "it is not found any more");
            killedIfTold(bench.driver().logs(spec.id()).lastExit());
            machine.kill();
        });
    }

    private void pauses() throws Exception {
        running(List.of("sleep", "infinity"), (_, machine) -> {
            machine.guest().runMain(false, deadline());
            machine.pause(deadline());
            holds(machine.isPaused(), "it is paused");
            machine.pause(deadline());
            machine.resume(deadline());
            holds(!machine.isPaused(), "it goes on");
            machine.resume(deadline());
        });
    }

    private void logs() throws Exception {
        running(List.of("sh", "-c", "echo kept; exit 4"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            machine.waitForEnd();
            bench.driver().ensureStopped(spec.id().brief());
            var kept = new StringBuilder();
            try (var reader = bench.driver().logs(spec.id()).output(true)) {
                for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
                    same(MachineLogs.Stream.STDOUT, piece.get().stream());
                    kept.append(new String(piece.get().bytes(), StandardCharsets.UTF_8));
                }
            }
            same("kept\n", kept.toString());
            same(Optional.of(new ExitStatus(4)), bench.driver().logs(spec.id()).lastExit());
        });
    }

    private void startsAgain() throws Exception {
        running(List.of("sh", "-c", "exit 2"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            machine.waitForEnd();
            machine.close();
            bench.driver().ensureStopped(spec.id().brief());
            var again = bench.driver().start(spec, Progress.NONE, deadline());
            holds(again.guest().mainExit().isEmpty(), "the new run has not ended with the old one's status");
            holds(bench.driver().logs(spec.id()).lastExit().isEmpty(), "nor do the logs say so");
            again.guest().runMain(false, deadline());
            same(new ExitStatus(2), again.guest().waitForMain());
            again.close();
        });
    }

    private void repeats() throws Exception {
        running(List.of("sleep", "infinity"), (spec, machine) -> {
            machine.guest().runMain(false, deadline());
            var driver = bench.driver();
            driver.ensureStopped(spec.id().brief());
            driver.ensureStopped(spec.id().brief());
            machine.waitForEnd();
            driver.ensureAbsent(spec.id().brief());
            driver.ensureAbsent(spec.id().brief());
            holds(!driver.known().contains(spec.id().brief()), "nothing of it is left");
        });
    }

    @FunctionalInterface
    private interface Use {
        void of(MachineSpec spec, Machine machine) throws Exception;
    }

    private void running(List<String> argv, Use use) throws Exception {
        var spec = bench.machine(argv);
        var stages = new ArrayList<String>();
        try {
            var machine = bench.driver().start(spec, (stage, _, _) -> stages.add(stage), deadline());
            same(spec.id(), machine.id());
            holds(!machine.accelerator().isEmpty(), "it has an accelerator");
            use.of(spec, machine);
            machine.close();
        } finally {
            bench.driver().ensureAbsent(spec.id().brief());
        }
        holds(bench.driver().find(spec.id(), deadline()).isEmpty(), "nothing is found after the end");
    }

    private Deadline deadline() {
        return Deadline.in(bench.patience());
    }

    /// A program as complete as drivers get it.
    static ProgramSpec program(String... argv) {
        return new ProgramSpec(List.of(argv), List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), "", "/", false, true,
                Optional.empty());
    }

    private static String text(GuestProcess process) throws IOException {
        return new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void killedIfTold(Optional<ExitStatus> told) {
        if (told.isPresent()) same(ExitStatus.KILLED, told.get());
    }

    private static void holds(boolean condition, String rule) {
        if (!condition) throw new AssertionError("it does not hold that " + rule);
    }

    private static void same(Object expected, Object found) {
        if (!Objects.equals(expected, found)) throw new AssertionError("expected %s, found %s".formatted(expected, found));
    }
}
