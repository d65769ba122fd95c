/// What is in a layer: its compression, its tar entries, and the same entries in the form that overlayfs wants.
/// ```
///   blob --LayerCompression--> tar --TarReader--> entries --LayerRewriter--> tar for a read-only file system
///                                                        \--> LayerFacts: what matters of it later
/// ```
/// Layers come from strangers. What a layer may not do (leave its root, hide what it holds, grow without end)
/// is refused here with [dev.hostal.oci.layer.BadLayerException] before any other program sees it.
///
/// Names, link targets and values of extended attributes are bytes, not text; they are kept as strings of
/// ISO 8859-1, one character a byte, so that nothing is lost on the way.
/// Source: OCI image-spec, layer.md; POSIX.1-2001, pax; GNU tar manual, "Basic Tar Format".
package dev.hostal.oci.layer;
