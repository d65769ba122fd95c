package dev.hostal.daemon.http;

import java.io.IOException;

/// The reply cannot be written, because nobody is there to read it.
final class ClientGone extends IOException {
    private static final long serialVersionUID = 1;

    ClientGone(IOException cause) {
        super("the client is gone", cause);
    }
}
