package dev.hostal.oci.registry;

import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.util.Optional;

/// Knows what to be known by at a registry.
interface CredentialSource {
    /// @throws IOException looking failed; the message says where
    Optional<RegistryLogin> find(String registry) throws IOException, InterruptedException;
}
