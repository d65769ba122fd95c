package dev.hostal.docker;

import java.io.InputStream;
import java.io.OutputStream;

/// Two streams to and from a client that end one by one.
interface Duplex {
    /// What the client sends, until it has sent all.
    InputStream input();

    /// What goes to the client; closing it says that nothing more comes.
    OutputStream output();
}
