/// The images of this host: found, obtained, made ready for machines, deleted.
/// ```
///   LocalImages ── Flights: the same thing asked for at once is done once
///      │
///      ├─ Acquisition ─┬─ RegistryPull   registry ──> blobs ──> Unpacking ──> LayerFiles
///      │               └─ SourceImport   ImageSource ──tar──> blob and LayerFiles in one pass
///      ├─ ImageStore     the index says what is there; what it does not reach is swept
///      └─ Kernels        what boots an image as a virtual machine
/// ```
/// On the disk, below `images/`: an OCI image layout (`index.json`, `blobs/`), `layers/` with one squashfs file for each
/// layer and what was noted of it, and `tmp/`, emptied at each start. See docs/decisions/41 and 42.
///
/// Nothing here knows instances or machines: which images are needed is told with each deletion.
package dev.hostal.image;
