/// The command line. Loads nothing of the daemon.
module dev.hostal.cli {
    requires dev.hostal.client;
    // sun.misc.Signal.
    requires jdk.unsupported;

    exports dev.hostal.cli;
    exports dev.hostal.cli.usage;
    exports dev.hostal.cli.terminal;
    exports dev.hostal.cli.view;
    exports dev.hostal.cli.command;
    exports dev.hostal.cli.files;
    exports dev.hostal.cli.ssh;
}
