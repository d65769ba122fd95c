package dev.hostal.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QmpClientTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    /// Keeps what it hears.
    private static final class Hearing implements QmpListener {
        final BlockingQueue<QmpEvent> events = new LinkedBlockingQueue<>();
        final BlockingQueue<IOException> ends = new LinkedBlockingQueue<>();

        @Override public void event(QmpEvent event) {
            events.add(event);
        }

        @Override public void disconnected(IOException why) {
            ends.add(why);
        }
    }

    private final Hearing hearing = new Hearing();

    private QmpClient connect(FakeMonitor monitor) throws IOException, InterruptedException {
        return QmpClient.connect(monitor.socket(), hearing, Deadline.in(SOON));
    }

    private static QmpCommand.Status status(QmpClient client) throws IOException, InterruptedException {
        return client.call(new QmpCommand.QueryStatus(), Deadline.in(SOON));
    }

    @Test void greetsAndCalls() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            m.answer(m.receive(), "{\"status\": \"running\", \"singlestep\": false, \"running\": true}");
        }); var client = connect(monitor)) {
            assertThat(client.version()).hasToString("7.2.22");
            assertThat(status(client)).isEqualTo(new QmpCommand.Status("running", true));
        }
    }

    @Test void bytesMayComeOneByOne() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            for (char c : FakeMonitor.GREETING.toCharArray()) {
                m.send(String.valueOf(c));
            }
            m.answer(m.receive(), "{}");
            var id = m.receive().text("id");
            m.send("{\"return\": {\"status\": \"pau");
            m.send("sed\", \"running\": false}, \"id\": \"" + id);
            m.send("\"}\r");
            m.send("\n");
        }); var client = connect(monitor)) {
            assertThat(status(client)).isEqualTo(new QmpCommand.Status("paused", false));
        }
    }

    @Test void eventsBetweenReplyAndCommandKeepTheirOrder() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            var command = m.receive();
            m.send("""
                    {"timestamp": {"seconds": 1795464462, "microseconds": 96786}, "event": "STOP"}\r
                    {"timestamp": {"seconds": -1, "microseconds": -1}, "event": "SHUTDOWN", \
                    "data": {"guest": true, "reason": "guest-shutdown"}}\r
                    {"return": {}, "id": "%s"}\r
                    """.formatted(command.text("id")));
        }); var client = connect(monitor)) {
            client.call(new QmpCommand.Stop(), Deadline.in(SOON));
            var stop = hearing.events.poll(10, TimeUnit.SECONDS);
            var shutdown = hearing.events.poll(10, TimeUnit.SECONDS);
            assertThat(stop).isNotNull();
            assertThat(stop.name()).isEqualTo("STOP");
            assertThat(stop.time()).isEqualTo(Instant.ofEpochSecond(1795464462, 96_786_000));
            assertThat(shutdown).isNotNull();
            assertThat(shutdown.data().text("reason")).isEqualTo("guest-shutdown");
            assertThat(shutdown.time()).isEqualTo(Instant.EPOCH);
        }
    }

    @Test void aRefusalCarriesClassAndDescription() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            m.send("{\"id\": \"" + m.receive().text("id")
                    + "\", \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such command\"}}\r\n");
        }); var client = connect(monitor)) {
            assertThatThrownBy(() -> client.call(new QmpCommand.Cont(), Deadline.in(SOON)))
                    .isInstanceOfSatisfying(QmpException.class, e -> {
                        assertThat(e.command()).isEqualTo("cont");
                        assertThat(e.errorClass()).isEqualTo("CommandNotFound");
                        assertThat(e.desc()).isEqualTo("no such command");
                    });
        }
    }

    @Test void repliesAreMatchedById() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            var one = m.receive();
            var other = m.receive();
            boolean oneIsStatus = one.text("execute").equals("query-status");
            m.answer(oneIsStatus ? other : one, "{}");
            m.answer(oneIsStatus ? one : other, "{\"status\": \"running\", \"running\": true}");
        }); var client = connect(monitor); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var status = threads.submit(() -> status(client));
            client.call(new QmpCommand.Stop(), Deadline.in(SOON));
            assertThat(status.get().running()).isTrue();
        }
    }

    @Test void aReplyAfterItsDeadlineIsDropped() throws Exception {
        var late = new LinkedBlockingQueue<Boolean>();
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            var slow = m.receive();
            try {
                late.poll(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            m.answer(slow, "{}");
            m.answer(m.receive(), "{\"status\": \"running\", \"running\": true}");
        }); var client = connect(monitor)) {
            assertThatThrownBy(() -> client.call(new QmpCommand.Stop(), Deadline.in(Duration.ofMillis(50))))
                    .isInstanceOf(SocketTimeoutException.class).hasMessageContaining("stop");
            late.add(true);
            assertThat(status(client).running()).isTrue();
        }
    }

    @Test void hangingUpFailsWhatIsUnderWayAndWhatComesLater() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            m.receive();
            m.hangUp();
        }); var client = connect(monitor)) {
            assertThatThrownBy(() -> status(client)).isInstanceOf(QmpDisconnected.class);
            assertThatThrownBy(() -> status(client)).isInstanceOf(QmpDisconnected.class);
            assertThat(hearing.ends.poll(10, TimeUnit.SECONDS)).isInstanceOf(QmpDisconnected.class);
        }
    }

    @Test void garbageEndsTheConnection() throws Exception {
        for (var garbage : new String[] {"no JSON\r\n", "[]\r\n", "{\"return\": {}}\r\n", "{\"what\": 1}\r\n",
            "{\"event\": \"STOP\"}\r\n", "[".repeat(1000) + "\r\n", "\0\0\0\n"}) {
            try (var monitor = FakeMonitor.playing(m -> {
                m.greet();
                m.receive();
                m.send(garbage);
            }); var client = connect(monitor)) {
                assertThatThrownBy(() -> status(client)).as(garbage).isInstanceOf(QmpDisconnected.class);
            }
        }
    }

    @Test void aLineWithoutEndIsGivenUp() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            m.receive();
            var piece = "x".repeat(64 << 10);
            while (true) {
                m.send(piece);
            }
        }); var client = connect(monitor)) {
            assertThatThrownBy(() -> status(client)).isInstanceOf(QmpDisconnected.class)
                    .hasMessageContaining("longer than");
        }
    }

    @Test void aReplyOfAnotherShapeIsRefusedByName() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> {
            m.greet();
            m.answer(m.receive(), "{\"status\": \"running\"}");
        }); var client = connect(monitor)) {
            assertThatThrownBy(() -> status(client)).isInstanceOf(QmpException.class)
                    .hasMessageContaining("running: is missing");
        }
    }

    @Test void silenceInsteadOfAGreetingEndsInTime() throws Exception {
        try (var monitor = FakeMonitor.playing(m -> m.receive())) {
            assertThatThrownBy(() ->
                    QmpClient.connect(monitor.socket(), hearing, Deadline.in(Duration.ofMillis(100))))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test void closingHereEndsIt() throws Exception {
        try (var monitor = FakeMonitor.playing(FakeMonitor::greet)) {
            var client = connect(monitor);
            client.close();
            assertThatThrownBy(() -> status(client)).isInstanceOf(QmpDisconnected.class)
                    .hasMessageContaining("closed here");
            assertThat(hearing.ends.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }
}
