/// The documents of the OCI image specification as records: an [dev.hostal.oci.Index] lists manifests by
/// platform, a [dev.hostal.oci.Manifest] names a config and layers, an [dev.hostal.oci.ImageConfig] says how the
/// image is run. Each points to the next by a [dev.hostal.oci.Descriptor] with the digest of its bytes.
/// ```
///   Index --platform--> Manifest --> ImageConfig
///                             \---> layers
/// ```
/// Readers refuse what they use and cannot understand, ignore what they do not use, and throw
/// [dev.hostal.json.JsonException] only. Nothing here does I/O: `layout` keeps blobs on disk, `registry`
/// fetches them, `layer` reads what is in a layer.
package dev.hostal.oci;
