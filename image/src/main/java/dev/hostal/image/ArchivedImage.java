package dev.hostal.image;

import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import java.util.List;

/// An image of an archive whose documents and layers are all in the store's blobs.
///
/// @param names none where the archive gives none
record ArchivedImage(List<ImageReference> names, Descriptor entry, Manifest manifest, ImageConfig config) {
    ArchivedImage {
        names = List.copyOf(names);
    }
}
