/// The configuration of an OCI runtime as records: what `config.json` of a bundle says. Only the members that
/// Hostal uses. Source: OCI runtime-spec 1.0.2, config.md and config-linux.md.
package dev.hostal.oci.runtime;
