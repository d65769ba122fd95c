package dev.hostal.qmp;

import java.io.IOException;

/// The monitor is gone, or was given up because what it sent is not QMP. Whether a command that was under way
/// took effect is unknown.
public final class QmpDisconnected extends IOException {
    private static final long serialVersionUID = 1;

    public QmpDisconnected(String message, Throwable cause) {
        super(message, cause);
    }
}
