package dev.hostal.oci.layout;

import java.io.IOException;

/// Bytes that are not the ones their digest or length promised. Trying again may help, if the way was bad.
public final class WrongContentException extends IOException {
    private static final long serialVersionUID = 1;

    public WrongContentException(String message) {
        super(message);
    }
}
