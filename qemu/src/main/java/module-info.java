/// The driver of virtual machines: QEMU in an OCI domain, found again after a restart.
module dev.hostal.qemu {
    requires transitive dev.hostal.spi;
    requires dev.hostal.qmp;
    requires dev.hostal.linux;
    requires dev.hostal.agent;
    requires dev.hostal.domain;
}
