/// The driver of containers: an OCI runtime starts them, Hostal's agent beside each keeps its streams and its end.
module dev.hostal.container {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.linux;
    requires transitive dev.hostal.agent;
    requires dev.hostal.json;

    exports dev.hostal.container;
}
