package dev.hostal.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// An archive that a guest unpacks; closing it waits until all is unpacked.
final class TarOutput extends StreamOutput {
    private final AgentStream stream;
    private boolean done;

    TarOutput(AgentStream stream) {
        super(stream);
        this.stream = stream;
    }

    /// Waits for the end of the agent's work; its standard error is the reason of a failure.
    static void requireSuccess(AgentStream stream, String doing) throws IOException {
        try {
            var exit = stream.awaitExit();
            if (exit.code() == 0) return;
            var reason = new String(new StreamInput(stream, AgentStream.ERR).readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException("The guest's agent failed at %s: %s."
                    .formatted(doing, reason.isEmpty() ? "it ended with " + exit.code() : reason));
        } catch (InterruptedException e) {
            throw StreamInput.interrupted();
        }
    }

    @Override public void write(byte[] bytes, int offset, int length) throws IOException {
        if (!done && stream.exit().isPresent()) requireSuccess(stream, "unpacking files");
        super.write(bytes, offset, length);
    }

    @Override public void close() throws IOException {
        if (done) return;
        done = true;
        try {
            super.close();
            requireSuccess(stream, "unpacking files");
        } finally {
            stream.letGo();
        }
    }
}
