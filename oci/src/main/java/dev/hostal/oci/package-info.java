/// OCI formats: image layout, manifests, layers, registry client, runtime configuration.
package dev.hostal.oci;
