package dev.hostal.image;

import static dev.hostal.base.Check.require;

import dev.hostal.model.ImageReference;
import java.util.List;

/// An image to be put into an archive.
///
/// @param images one for each architecture
record SavedImage(ImageReference name, List<StoredImage> images) {
    SavedImage {
        require(!images.isEmpty(), "there is an image to save");
        images = List.copyOf(images);
    }
}
