package dev.hostal.agent;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A program in a guest as one stream of the protocol.
final class AgentProcess implements GuestProcess {
    private final AgentStream stream;
    private final InputStream stdout;
    private final InputStream stderr;
    private final OutputStream stdin;

    AgentProcess(AgentStream stream) {
        this.stream = stream;
        this.stdout = new StreamInput(stream, AgentStream.OUT);
        this.stderr = new StreamInput(stream, AgentStream.ERR);
        this.stdin = new StreamOutput(stream);
    }

    @Override public InputStream stdout() {
        return stdout;
    }

    @Override public InputStream stderr() {
        return stderr;
    }

    @Override public OutputStream stdin() {
        return stdin;
    }

    @Override public void resize(TerminalSize size) throws IOException {
        send(FrameType.RESIZE, new Payload().u16(size.columns()).u16(size.rows()).toBytes());
    }

    @Override public void signal(String signal) throws IOException {
        send(FrameType.SIGNAL, Payload.ofString(signal));
    }

    private void send(int type, byte[] payload) throws IOException {
        try {
            stream.send(type, payload);
        } catch (InterruptedException e) {
            throw StreamInput.interrupted();
        }
    }

    @Override public ExitStatus waitForExit() throws IOException, InterruptedException {
        return stream.awaitExit();
    }

    @Override public void close() {
        stream.letGo();
    }
}
