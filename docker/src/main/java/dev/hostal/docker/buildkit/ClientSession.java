package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcChannel;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// A client that serves a build: what it can be asked for.
///
/// @param methods that it has, in lower case
record ClientSession(String id, GrpcChannel channel, Set<String> methods) {
    ClientSession {
        methods = methods.stream().map(method -> method.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    static ClientSession of(String id, GrpcChannel channel, List<String> methods) {
        return new ClientSession(id, channel, Set.copyOf(methods));
    }

    boolean can(String method) {
        return methods.contains(method.toLowerCase(Locale.ROOT));
    }
}
