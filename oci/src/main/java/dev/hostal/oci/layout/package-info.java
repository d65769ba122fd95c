/// An OCI image layout on disk: content-addressed blobs and an index of what is named.
/// ```
///   oci-layout   index.json   blobs/sha256/<hex>   tmp/
/// ```
/// A blob appears under its name only when it is whole, verified and on the disk; the index is replaced in one
/// step. So whatever stops the process, the next one finds a valid layout and only has to empty `tmp`.
/// Source: OCI image-spec, image-layout.md.
package dev.hostal.oci.layout;
