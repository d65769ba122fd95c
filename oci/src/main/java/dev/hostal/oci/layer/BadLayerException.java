package dev.hostal.oci.layer;

import java.io.IOException;

/// A layer that is damaged, or that does what no layer may do. Trying again does not help.
public final class BadLayerException extends IOException {
    private static final long serialVersionUID = 1;

    public BadLayerException(String message) {
        super(message);
    }

    public BadLayerException(String message, Throwable cause) {
        super(message, cause);
    }
}
