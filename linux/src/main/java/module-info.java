/// Processes, cgroups, mounts, links and file descriptors of a Linux host: the only native access.
module dev.hostal.linux {
    requires transitive dev.hostal.base;

    exports dev.hostal.linux;
}
