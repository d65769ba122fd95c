package dev.hostal.oci.registry;

import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/// A request to a registry.
///
/// @param target path below the registry, or an absolute address that the registry gave
/// @param scope the permission that it needs, in the words of the token specification
/// @param body made anew for each attempt
record Call(String method, String target, Map<String, String> headers, String scope, Supplier<BodyPublisher> body) {
    static Call get(String target, String scope) {
        return new Call("GET", target, Map.of(), scope, BodyPublishers::noBody);
    }

    static Call head(String target, String scope) {
        return new Call("HEAD", target, Map.of(), scope, BodyPublishers::noBody);
    }

    static Call post(String target, String scope) {
        return new Call("POST", target, Map.of(), scope, BodyPublishers::noBody);
    }

    static Call put(String target, String scope, Supplier<BodyPublisher> body) {
        return new Call("PUT", target, Map.of(), scope, body);
    }

    Call with(String header, String value) {
        var all = new TreeMap<>(headers);
        all.put(header, value);
        return new Call(method, target, all, scope, body);
    }

    boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }
}
