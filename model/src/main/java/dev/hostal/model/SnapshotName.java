package dev.hostal.model;

import static dev.hostal.base.Check.require;

/// What a user calls a snapshot; unique among those of its instance. The rule is that of [InstanceName].
public record SnapshotName(String value) {
    public SnapshotName {
        require(InstanceName.isName(value), "'%s' is not a name: letters, digits, '_', '.' and '-', beginning with a "
                + "letter or digit, at most %d", value, InstanceName.LENGTH_MAX);
    }

    @Override public String toString() {
        return value;
    }
}
