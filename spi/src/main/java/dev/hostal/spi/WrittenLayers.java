package dev.hostal.spi;

import java.nio.file.Path;

/// A driver whose machines write into a folder of the host.
public interface WrittenLayers {
    /// The upper folder of the overlay that is the machine's root, with whiteouts as overlayfs has them.
    ///
    /// @param briefId of an instance that has run
    Path written(String briefId);
}
