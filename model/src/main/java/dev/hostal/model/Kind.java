package dev.hostal.model;

import java.util.Locale;

/// What an instance is: a virtual machine or a container.
public enum Kind {
    VM, CONTAINER;

    /// The word in the API and on the command line: `vm` or `container`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
