package dev.hostal.oci.registry;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A request to a registry.
///
/// @param target path below the registry, or an absolute address that the registry gave
/// @param scope the permissions that it needs, in the words of the token specification, parted by spaces
/// @param upload its body
record Call(String method, String target, Map<String, String> headers, String scope, Optional<Upload> upload) {
    static Call get(String target, String scope) {
        return new Call("GET", target, Map.of(), scope, Optional.empty());
    }

    static Call head(String target, String scope) {
        return new Call("HEAD", target, Map.of(), scope, Optional.empty());
    }

    static Call post(String target, String scope) {
        return new Call("POST", target, Map.of(), scope, Optional.empty());
    }

    static Call put(String target, String scope, Upload upload) {
        return new Call("PUT", target, Map.of(), scope, Optional.of(upload));
    }

    static Call patch(String target, String scope, Upload upload) {
        return new Call("PATCH", target, Map.of(), scope, Optional.of(upload));
    }

    Call with(String header, String value) {
        var all = new TreeMap<>(headers);
        all.put(header, value);
        return new Call(method, target, all, scope, upload);
    }

    boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /// Whether doing it twice is doing it once; what a PATCH has added is not known when its reply is a failure.
    boolean isRepeatable() {
        return !method.equals("PATCH");
    }
}
