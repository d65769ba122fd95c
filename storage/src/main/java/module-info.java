/// Drivers of volumes.
module dev.hostal.storage {
    requires transitive dev.hostal.spi;
    requires transitive dev.hostal.linux;

    exports dev.hostal.storage;
}
