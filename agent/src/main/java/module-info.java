/// Talks to the agent inside a guest over one byte channel: programs, files, addresses.
module dev.hostal.agent {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.json;

    exports dev.hostal.agent;
}
