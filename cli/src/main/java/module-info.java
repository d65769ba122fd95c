/// The command line. Loads nothing of the daemon.
module dev.hostal.cli {
    requires dev.hostal.client;

}
