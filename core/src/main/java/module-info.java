/// Life cycles, operations, journal, events of one node: everything is decided here, nothing is done here.
module dev.hostal.core {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.store;
    requires dev.hostal.json;

    exports dev.hostal.core;
}
