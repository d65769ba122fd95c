package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostProcessesTest {
    private ProcessTable table;
    private HostProcesses processes;

    @BeforeEach void open() throws IOException {
        table = new ProcessTable();
        var environment = new HashMap<>(System.getenv());
        environment.put("LC_MESSAGES", "de_DE.UTF-8");
        processes = new HostProcesses(table, environment, "test-" + ProcessHandle.current().pid());
    }

    @AfterEach void close() {
        table.close();
    }

    @Test void keepsTheTwoStreamsAndTheStatusApart() throws Exception {
        var exit = processes.run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"), soon());

        assertThat(exit).isEqualTo(new Exit(3, "out\n", "err\n"));
        assertThatThrownBy(() -> exit.orThrow("trying"))
                .isInstanceOf(CommandFailed.class).hasMessage("trying failed with status 3: err");
    }

    @Test void tellsTheSignalThatEndedAProgram() throws Exception {
        assertThat(processes.run(List.of("sh", "-c", "kill -9 $$"), soon()).status()).isEqualTo(128 + 9);
    }

    @Test void runsInTheCLocale() throws Exception {
        var exit = processes.run(List.of("env"), soon());

        assertThat(exit.stdout().lines()).contains("LC_ALL=C").noneMatch(line -> line.startsWith("LC_MESSAGES"));
    }

    @Test void refusesAProgramThatIsNotThere() {
        assertThatThrownBy(() -> processes.run(List.of("no-such-program"), soon()))
                .isInstanceOf(NoSuchFileException.class).hasMessageContaining("no-such-program");
    }

    @Test void carriesLargeStreamsBothWaysWithoutBlocking() throws Exception {
        var bytes = new byte[20 << 20];
        var received = new AtomicLong();
        var exit = processes.run(Command.of("tee", "/dev/stderr")
                .withStdin(bytes)
                .withStdoutTo(in -> received.set(in.readAllBytes().length)), soon());

        assertThat(exit.status()).isZero();
        assertThat(received).hasValue(bytes.length);
        assertThat(exit.stderr()).hasSize(Command.STDERR_MAX);
    }

    @Test void chainsTwoProgramsByTheirStreams() throws Exception {
        var result = new AtomicReference<Exit>();
        processes.run(Command.of("seq", "100000").withStdoutTo(lines -> result.set(
                        processes.run(Command.of("wc", "-l").withStdin(lines::transferTo), soon()))), soon())
                .orThrow("counting");

        assertThat(result.get().stdout()).isEqualTo("100000\n");
    }

    @Test void runsInTheGivenFolderWithTheGivenEnvironment(@TempDir Path folder) throws Exception {
        var exit = processes.run(Command.of("sh", "-c", "pwd; echo $A").withWorkdir(folder).withEnv("A", "b c"), soon());

        assertThat(exit.stdout()).isEqualTo(folder.toRealPath() + "\nb c\n");
    }

    @Test void tellsLinesAsTheyCome() throws Exception {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        processes.run(Command.of("printf", "1\\r2\\n\\n3").withLines(lines::add), soon());

        assertThat(lines).containsExactly("1", "2", "3");
    }

    @Test void aProgramThatDoesNotReadAllOfItsInputIsNoFailure() throws Exception {
        var exit = processes.run(Command.of("head", "-c", "1").withStdin(new byte[10 << 20]), soon());

        assertThat(exit.status()).isZero();
    }

    @Test void killsAProgramThatWritesMoreThanIsKept() {
        var command = Command.of("cat", "/dev/zero").withStdout(new Command.Stdout.Text(1000));

        assertThatThrownBy(() -> processes.run(command, soon()))
                .isInstanceOf(IOException.class).hasMessageContaining("more than 1000 bytes");
        assertThat(mine()).isEmpty();
    }

    @Test void aFailingReaderEndsTheProgramAndIsTheCallersException() {
        var command = Command.of("cat", "/dev/zero").withStdoutTo(_ -> {
            throw new IOException("disk full");
        });

        assertThatThrownBy(() -> processes.run(command, soon())).hasMessage("disk full");
        assertThat(mine()).isEmpty();
    }

    @Test void aFailingWriterEndsTheProgramAndIsTheCallersException() {
        var command = Command.of("cat").withStdin(_ -> {
            throw new IOException("download broken");
        });

        assertThatThrownBy(() -> processes.run(command, soon())).hasMessage("download broken");
        assertThat(mine()).isEmpty();
    }

    @Test void killsEverythingThatWasStartedWhenTheTimeIsOver() {
        var command = Command.of("sh", "-c", "echo waiting >&2; sleep 300 & sleep 300");

        assertThatThrownBy(() -> processes.run(command, Deadline.in(Duration.ofMillis(300))))
                .isInstanceOf(CommandTimedOut.class).hasMessageContaining("waiting");
        assertThat(mine()).isEmpty();
    }

    @Test void killsEverythingThatWasStartedWhenInterrupted() throws Exception {
        var outcome = new AtomicReference<Throwable>();
        var thread = Thread.ofVirtual().start(() -> {
            try {
                processes.run(List.of("sh", "-c", "sleep 300 & sleep 300"), soon());
            } catch (IOException | InterruptedException e) {
                outcome.set(e);
            }
        });
        while (mine().size() < 3) {
            Thread.sleep(5);
        }
        thread.interrupt();
        thread.join();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(mine()).isEmpty();
    }

    @Test void killsWhatAPredecessorHasLeft() throws Exception {
        var left = new ProcessBuilder("sleep", "300");
        left.environment().put("HOSTAL_COMMAND_OF", "test-" + ProcessHandle.current().pid());
        var process = left.start();
        processes.ensureNoneLeft();

        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    @Test void manyAtOnceDoNotDisturbEachOther() throws Exception {
        var threads = new ArrayList<Thread>();
        var wrong = Collections.synchronizedList(new ArrayList<String>());
        for (int i = 0; i < 40; i++) {
            var text = "n" + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    var command = Command.of("cat").withStdin(text.getBytes(StandardCharsets.UTF_8));
                    if (!processes.run(command, soon()).stdout().equals(text)) wrong.add(text);
                } catch (IOException | InterruptedException e) {
                    wrong.add(e.toString());
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }

    /// Programs of this test that still run.
    private List<ProcessId> mine() {
        try {
            var found = new ArrayList<ProcessId>();
            for (var stat : table.list()) {
                var mark = "HOSTAL_COMMAND_OF=test-" + ProcessHandle.current().pid();
                if (table.hasEnvironment(stat.id().pid(), mark)) found.add(stat.id());
            }
            return found;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
