package dev.hostal.agent;

import java.io.IOException;

/// An archive that a guest writes; its end is not believed until the agent says that all went well.
final class TarInput extends StreamInput {
    private final AgentStream stream;

    TarInput(AgentStream stream) {
        super(stream, AgentStream.OUT);
        this.stream = stream;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        if (count < 0) TarOutput.requireSuccess(stream, "reading files of the guest");
        return count;
    }

    @Override public void close() {
        stream.letGo();
    }
}
