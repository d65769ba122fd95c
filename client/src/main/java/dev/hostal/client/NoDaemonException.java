package dev.hostal.client;

import java.io.IOException;
import java.nio.file.Path;

/// No daemon listens on the socket: it may be started.
public final class NoDaemonException extends IOException {
    private static final long serialVersionUID = 1;

    public NoDaemonException(Path socket, Throwable cause) {
        super("""
                No daemon listens on %s.
                Maybe start one: hostal daemon start""".formatted(socket), cause);
    }
}
