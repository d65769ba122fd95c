package dev.hostal.oci.layer;

import java.io.IOException;

/// A name stands twice in a layer: it has to be read once more, with a [Survey].
public final class RepeatedEntryException extends IOException {
    private static final long serialVersionUID = 1;

    public RepeatedEntryException() {
        super("a name stands twice in the layer");
    }
}
