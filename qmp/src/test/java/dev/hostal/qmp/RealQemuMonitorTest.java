package dev.hostal.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against the QEMU of this host, with a machine that has nothing.
@Tag("real")
class RealQemuMonitorTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test void everyCommandIsUnderstood(@TempDir Path folder) throws Exception {
        var socket = folder.resolve("qmp.sock");
        var qemu = new ProcessBuilder("qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none",
                "-qmp", "unix:" + socket + ",server=on,wait=off").inheritIO().start();
        try {
            var deadline = Deadline.in(SOON);
            var events = new LinkedBlockingQueue<String>();
            var listener = new QmpListener() {
                @Override public void event(QmpEvent event) {
                    events.add(event.name());
                }

                @Override public void disconnected(IOException why) {
                    events.add("gone");
                }
            };
            try (var client = connect(socket, listener, deadline)) {
                assertThat(client.version().major()).isGreaterThanOrEqualTo(5);
                var schema = CapturedSchema.of("this host's",
                        client.call(new QmpCommand.QueryQmpSchema(), deadline));
                for (var command : QmpSamples.all()) {
                    assertThat(schema.problemsIn(command)).as("%s", command).isEmpty();
                }
                assertThat(client.call(new QmpCommand.QueryStatus(), deadline).running()).isTrue();
                client.call(new QmpCommand.Stop(), deadline);
                client.call(new QmpCommand.Stop(), deadline);
                assertThat(client.call(new QmpCommand.QueryStatus(), deadline))
                        .isEqualTo(new QmpCommand.Status("paused", false));
                client.call(new QmpCommand.Cont(), deadline);
                assertThat(client.call(new QmpCommand.QueryBlockstats(), deadline)).isEmpty();
                assertThatThrownBy(() -> client.call(new QmpCommand.QmpCapabilities(), deadline))
                        .isInstanceOfSatisfying(QmpException.class,
                                e -> assertThat(e.errorClass()).isEqualTo("CommandNotFound"));
                client.call(new QmpCommand.SystemPowerdown(), deadline);
                client.call(new QmpCommand.Quit(), deadline);
                assertThat(qemu.waitFor(20, TimeUnit.SECONDS)).isTrue();
                var heard = new ArrayList<String>();
                while (!heard.contains("gone")) {
                    heard.add(events.poll(10, TimeUnit.SECONDS));
                }
                assertThat(heard).contains("STOP", "RESUME", "SHUTDOWN");
            }
        } finally {
            qemu.destroyForcibly();
        }
    }

    /// Bound and not yet listening, a socket refuses: QEMU does the two one after the other.
    private static QmpClient connect(Path socket, QmpListener listener, Deadline deadline) throws Exception {
        while (true) {
            try {
                return QmpClient.connect(socket, listener, deadline);
            } catch (IOException e) {
                if (deadline.isPast()) throw e;
                Thread.sleep(10);
            }
        }
    }
}
