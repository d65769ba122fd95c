/// The wire of `/v1`: routes as a table, bodies as records. Frozen: members are added, never re-meant.
module dev.hostal.api {
    requires transitive dev.hostal.json;
    requires transitive dev.hostal.model;

    exports dev.hostal.api;
}
