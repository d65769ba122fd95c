package dev.hostal.agent;

import java.io.IOException;

/// What a guest said was not according to the protocol; the connection ends.
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    ProtocolException(String message) {
        super(message);
    }
}
