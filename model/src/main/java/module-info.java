/// The domain as records: what is wanted, what is observed, and the names of both. No I/O.
module dev.hostal.model {
    requires transitive dev.hostal.base;

    exports dev.hostal.model;
}
