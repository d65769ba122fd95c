package dev.hostal.qmp;

import dev.hostal.json.JsonObject;

/// Version in QEMU's greeting: for people and logs. What QEMU can do is asked of its schema, never of this.
///
/// @param pack the distribution's name of its build; may be empty
public record QmpVersion(long major, long minor, long micro, String pack) {
    static QmpVersion from(JsonObject greeting) {
        var version = greeting.object("QMP").object("version");
        var qemu = version.object("qemu");
        return new QmpVersion(qemu.integer("major"), qemu.integer("minor"), qemu.integer("micro"),
                version.findText("package").orElse(""));
    }

    @Override public String toString() {
        return "%d.%d.%d".formatted(major, minor, micro);
    }
}
