/// Simulated drivers with believable behaviour: part of the product.
module dev.hostal.sim {
    requires transitive dev.hostal.spi;

    exports dev.hostal.sim;
}
