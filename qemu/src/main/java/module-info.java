/// The driver of virtual machines: QEMU in an OCI domain, found again after a restart.
module dev.hostal.qemu {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.linux;
    requires transitive dev.hostal.domain;
    requires dev.hostal.qmp;
    requires dev.hostal.agent;
    requires com.github.luben.zstd_jni;

    exports dev.hostal.qemu;
}
