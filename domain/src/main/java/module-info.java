/// Runs a process in an OCI domain: own namespaces, cgroup, files and limits, by runc or crun.
module dev.hostal.domain {
    requires transitive dev.hostal.linux;
    requires transitive dev.hostal.spi;
    requires dev.hostal.oci;

    exports dev.hostal.domain;
}
