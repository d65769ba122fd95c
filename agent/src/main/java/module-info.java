/// Talks to the agent inside a guest over one byte channel: programs, files, addresses.
module dev.hostal.agent {
    requires transitive dev.hostal.spi;

    exports dev.hostal.agent;
}
