package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.DiskId;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What `qemu-img` does to disks that no machine has open.
@Tag("real")
class RealDiskToolsTest {
    private static final DiskId BASE = new DiskId("a".repeat(24));
    private static final DiskId OVER = new DiskId("b".repeat(24));
    /// More than tables take that are kept twice, less than what is copied before the failure.
    private static final long TABLES = 1 << 20;
    private static final int STEPS_MAX = 20;
    /// To which a file may grow, in units of 512 bytes. What both have is in the end 17 MiB.
    private static final String TOO_LITTLE = "16384";

    @AutoClose
    private RealHost real;
    private Disks disks;
    private final List<String> said = new ArrayList<>();

    @BeforeEach void twoDisks() throws Exception {
        real = new RealHost();
        disks = new Disks(real.folders.disks());
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    private void fresh() throws Exception {
        for (var disk : List.of(BASE, OVER)) disks.ensureAbsent(disk);
        Qcow2.write(disks.unfinished(BASE), Bytes.mib(64), Optional.empty());
        disks.finish(BASE);
        write(BASE, "write -P 1 0 8M", "write -P 2 40M 8M");
        disks.ensureOverlay(OVER, BASE, Bytes.ZERO);
        write(OVER, "write -P 3 4M 1M", "write -z 0 64k");
    }

    private void write(DiskId disk, String... commands) throws Exception {
        var argv = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
        for (var command : commands) argv.addAll(List.of("-c", command));
        argv.add(disks.path(disk).toString());
        real.processes.run(argv, soon()).orThrow("writing");
    }

    private void holdsWhatWasWritten(String where) throws Exception {
        var argv = new ArrayList<>(List.of("qemu-io", "-r", "-f", "qcow2"));
        for (var read : List.of("0 0 64k", "1 64k 4032k", "3 4M 1M", "1 5M 3M", "0 8M 32M", "2 40M 8M", "0 48M 16M")) {
            argv.addAll(List.of("-c", "read -P " + read));
        }
        argv.add(disks.path(OVER).toString());
        var read = real.processes.run(argv, soon());
        assertThat(read.status()).as("%s: %s", where, read).isZero();
        assertThat(read.stdout()).as(where).doesNotContain("verification failed").contains("16777216/16777216");
        var check = real.processes.run(List.of("qemu-img", "check", disks.path(OVER).toString()), soon());
        assertThat(check.stdout() + check.stderr()).as(where).doesNotContain("ERROR").doesNotContain("corrupt");
    }

    private long used() throws IOException {
        return SparseFile.dataBytes(disks.path(OVER));
    }

    private void free(Processes processes) throws Exception {
        new DiskTools(disks, processes).rebase(OVER, Optional.empty(), Progress.NONE, soon());
    }

    private static boolean isRebase(Command command) {
        return command.argv().contains("rebase");
    }

    /// The same program, which finds that files grow no further. It dies of that, or is told so.
    private static Command cramped(Command command, boolean told) {
        var argv = new ArrayList<>(List.of("sh", "-c", (told ? "trap '' XFSZ; " : "") + "ulimit -c 0; ulimit -f "
                + TOO_LITTLE + "; exec \"$@\"", "sh"));
        argv.addAll(command.argv());
        return new Command(argv, command.env(), command.workdir(), command.stdin(), command.stdout(), command.line());
    }

    @Test void whatWasCopiedBeforeAFailureIsGivenBack() throws Exception {
        for (boolean told : new boolean[] {true, false}) {
            fresh();
            long before = used();
            assertThatThrownBy(() -> free((command, deadline) -> {
                if (!isRebase(command)) return real.processes.run(command, deadline);
                var exit = real.processes.run(cramped(command, told), deadline);
                assertThat(used()).as("copied until then").isGreaterThan(before + 2 * TABLES);
                return exit;
            })).isInstanceOf(IOException.class);
            assertThat(disks.baseOf(OVER)).contains(BASE);
            assertThat(used()).isLessThan(before + TABLES);
            holdsWhatWasWritten("given back");
            free(real.processes);
            disks.ensureAbsent(BASE);
            holdsWhatWasWritten("alone");
        }
    }

    /// A daemon may die, and a program fail, before and after each step: the content is there, and it can be done again.
    @Test void everyStepMayFailOrBeTheLast() throws Exception {
        for (var end : End.values()) {
            int step = 0;
            while (endsAt(step, end)) {
                step++;
                assertThat(step).isLessThan(STEPS_MAX);
            }
            assertThat(step).as("steps").isEqualTo(3);
        }
    }

    private enum End { FAILS_BEFORE, FAILS_AFTER, DIES_BEFORE, DIES_AFTER }

    /// @return whether there was such a step
    private boolean endsAt(int step, End end) throws Exception {
        fresh();
        said.clear();
        var where = "%s at step %d".formatted(end, step);
        try {
            free((command, deadline) -> {
                said.add(String.join(" ", command.argv()));
                int at = said.size() - 1;
                // Nobody runs anything after the end of the daemon.
                boolean dies = end == End.DIES_BEFORE || end == End.DIES_AFTER;
                if (at > step && dies) throw new IOException("the daemon is dead");
                if (at == step && end == End.DIES_BEFORE) throw new IOException("the daemon dies");
                if (at == step && end == End.FAILS_BEFORE) return new Exit(1, "", "it fails");
                var exit = real.processes.run(command, deadline);
                if (at == step && end == End.DIES_AFTER) throw new IOException("the daemon dies");
                return at == step ? new Exit(1, "", "it fails") : exit;
            });
        } catch (IOException _) {
            // As it should, mostly.
        }
        holdsWhatWasWritten(where);
        var tools = new DiskTools(disks, real.processes);
        if (disks.baseOf(OVER).isPresent()) free(real.processes);
        else tools.tidy(OVER);
        disks.ensureAbsent(BASE);
        holdsWhatWasWritten(where + ", and again");
        var info = real.processes.run(List.of("qemu-img", "snapshot", "-l", disks.path(OVER).toString()), soon());
        assertThat(info.stdout()).as(where).isBlank();
        return said.size() > step;
    }
}
