package dev.hostal.qmp;

import java.io.IOException;

/// Hears what a monitor says unasked: events in their order, then that it is gone, on one thread of its own.
public interface QmpListener {
    /// Hears nothing.
    QmpListener NONE = new QmpListener() {
        @Override public void event(QmpEvent event) {}

        @Override public void disconnected(IOException why) {}
    };

    void event(QmpEvent event);

    /// The last call. Also after [QmpClient#close].
    void disconnected(IOException why);
}
