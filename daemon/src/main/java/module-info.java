/// The daemon: configuration, HTTP server, and the wiring of everything.
module dev.hostal.daemon {
    requires dev.hostal.core;
    requires dev.hostal.api;
    requires dev.hostal.qemu;
    requires dev.hostal.sim;
    requires dev.hostal.image;
    requires dev.hostal.linux;
    requires dev.hostal.store;

}
