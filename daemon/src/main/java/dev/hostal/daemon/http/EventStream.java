package dev.hostal.daemon.http;

import dev.hostal.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A reply of server-sent events. Source: HTML Living Standard, section "Server-sent events".
final class EventStream {
    private final Call call;

    /// Begins the reply, and sends its head at once.
    EventStream(Call call) throws ClientGone {
        this.call = call;
        call.begin("text/event-stream");
        heartbeat();
    }

    void send(String id, JsonObject data) throws ClientGone {
        write("id: " + id + "\ndata: " + data.toText() + "\n\n");
    }

    /// A comment, which clients drop: it finds whether somebody is still there.
    void heartbeat() throws ClientGone {
        write(":\n\n");
    }

    void end() throws ClientGone {
        call.write(true, ByteBuffer.allocate(0));
    }

    private void write(String text) throws ClientGone {
        call.write(false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
