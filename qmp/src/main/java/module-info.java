/// Client of the QEMU monitor: commands, events, schema.
module dev.hostal.qmp {
    requires transitive dev.hostal.json;

    exports dev.hostal.qmp;
}
