package dev.hostal.qmp;

import java.util.List;

/// One command of every kind that we can send.
final class QmpSamples {
    private QmpSamples() {}

    static List<QmpCommand<?>> all() {
        return List.of(
                new QmpCommand.QmpCapabilities(),
                new QmpCommand.QueryQmpSchema(),
                new QmpCommand.QueryStatus(),
                new QmpCommand.Stop(),
                new QmpCommand.Cont(),
                new QmpCommand.Quit(),
                new QmpCommand.SystemPowerdown(),
                new QmpCommand.QueryBlockstats());
    }
}
