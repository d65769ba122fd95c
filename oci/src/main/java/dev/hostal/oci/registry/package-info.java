/// A client of registries by the OCI distribution specification, on the HTTP client of the JDK.
/// ```
///   Registries --one a registry--> Connection --> Authorization --> CredentialSource
///        |                              \--> redirects, retries
///        \--> BlobDownload: verified while it arrives, goes on where it was cut off
/// ```
/// What the operator says of registries (mirrors, plain HTTP, authorities) is in a [RegistriesFile].
///
/// Credentials go to the registry they are for and to the token service it names, and to nobody else. Plain
/// HTTP is spoken with loopback addresses and with hosts that were configured so.
/// Source: OCI distribution-spec v1.1; Docker registry, "Token Authentication Specification".
package dev.hostal.oci.registry;
