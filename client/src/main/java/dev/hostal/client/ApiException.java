package dev.hostal.client;

import dev.hostal.api.ErrorV1;
import java.io.IOException;

/// The daemon refused, in words and with a code.
public final class ApiException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient ErrorV1 error;

    public ApiException(ErrorV1 error) {
        super(error.message());
        this.error = error;
    }

    public ErrorV1 error() {
        return error;
    }
}
