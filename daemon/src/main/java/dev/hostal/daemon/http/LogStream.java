package dev.hostal.daemon.http;

import dev.hostal.json.JsonObject;
import dev.hostal.spi.MachineLogs.Piece;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/// A reply of one JSON object a line (`application/x-ndjson`). While a followed log is silent, an empty line now
/// and then finds whether somebody is still there; when not, `onGone` is told.
final class LogStream implements AutoCloseable {
    private final Call call;
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread heartbeat;

    LogStream(Call call, Duration interval, Runnable onGone) throws ClientGone {
        this.call = call;
        call.begin("application/x-ndjson");
        call.write(false, ByteBuffer.allocate(0));
        this.heartbeat = Thread.ofVirtual().name("log-heartbeat").start(() -> beat(interval, onGone));
    }

    void send(Piece piece) throws ClientGone {
        line(new JsonObject().put("time", piece.time().toString())
                .put("stream", piece.stream().name().toLowerCase(Locale.ROOT))
                .put("data", Base64.getEncoder().encodeToString(piece.bytes())).toText());
    }

    void send(JsonObject object) throws ClientGone {
        line(object.toText());
    }

    void end() throws ClientGone {
        close();
        writing.lock();
        try {
            call.write(true, ByteBuffer.allocate(0));
        } finally {
            writing.unlock();
        }
    }

    private void line(String text) throws ClientGone {
        writing.lock();
        try {
            call.write(false, ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
        } finally {
            writing.unlock();
        }
    }

    private void beat(Duration interval, Runnable onGone) {
        try {
            while (true) {
                Thread.sleep(interval);
                line("");
            }
        } catch (InterruptedException _) {
            // The log has ended.
        } catch (ClientGone _) {
            onGone.run();
        }
    }

    @Override public void close() {
        heartbeat.interrupt();
    }
}
