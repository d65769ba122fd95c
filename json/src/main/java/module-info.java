/// JSON (RFC 8259) as values: read strictly with the path of what is wrong, written compactly.
module dev.hostal.json {
    requires transitive dev.hostal.base;
    requires tools.jackson.core;

    exports dev.hostal.json;
}
