package dev.hostal.docker;

import java.io.IOException;

/// Nobody reads the reply any more.
final class ClientGone extends IOException {
    private static final long serialVersionUID = 1;

    ClientGone(IOException cause) {
        super("the client is gone", cause);
    }
}
