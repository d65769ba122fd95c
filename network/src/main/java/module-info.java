/// Networks of the host: bridges, leases and names, the packet filter.
module dev.hostal.network {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.linux;

    exports dev.hostal.network;
}
