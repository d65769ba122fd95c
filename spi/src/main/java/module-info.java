/// What the core asks of drivers. What only some drivers can do is an interface of its own.
module dev.hostal.spi {
    requires transitive dev.hostal.model;

    exports dev.hostal.spi;
}
