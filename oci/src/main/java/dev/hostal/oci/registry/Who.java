package dev.hostal.oci.registry;

import dev.hostal.model.RegistryLogin;
import java.util.Optional;

/// As whom a registry is asked.
sealed interface Who {
    Who HOST = new Host();

    /// As what this host keeps logins for.
    record Host() implements Who {}

    /// As somebody who said so; at other registries than that one, as the host.
    record Known(RegistryLogin login) implements Who {}

    /// As nobody in particular.
    record Nobody() implements Who {}

    /// Who that is to one registry.
    default Who at(String registry) {
        return this instanceof Known(var login) && !login.registry().equals(registry) ? HOST : this;
    }

    /// What to be known by.
    default CredentialSource credentials(CredentialSource host) {
        return switch (this) {
            case Host _ -> host;
            case Known(var login) -> _ -> Optional.of(login);
            case Nobody _ -> _ -> Optional.empty();
        };
    }
}
