package dev.hostal.oci.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Proxies as curl and Docker find them: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case. Loopback
/// addresses are always reached directly. A proxy that wants a password is not supported.
public final class EnvironmentProxies extends ProxySelector {
    private final Map<String, String> environment;

    public EnvironmentProxies(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override public List<Proxy> select(URI uri) {
        if (uri.getHost() == null || RegistryOptions.isLoopback(uri.getHost()) || isExcepted(uri.getHost())) {
            return List.of(Proxy.NO_PROXY);
        }
        return variable(uri.getScheme() + "_proxy").flatMap(EnvironmentProxies::proxy).map(List::of)
                .orElse(List.of(Proxy.NO_PROXY));
    }

    @Override public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // Whoever connected has the failure as well.
    }

    private boolean isExcepted(String host) {
        return variable("no_proxy").stream()
                .flatMap(list -> Stream.of(list.split(",")))
                .map(entry -> entry.strip().replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", ""))
                .filter(entry -> !entry.isEmpty())
                .anyMatch(entry -> entry.equals("*") || host.equals(entry) || host.endsWith("." + entry));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
                .filter(text -> !text.isEmpty());
    }

    private static Optional<Proxy> proxy(String text) {
        try {
            var uri = URI.create(text.contains("://") ? text : "http://" + text);
            if (uri.getHost() == null) return Optional.empty();
            int port = uri.getPort() < 0 ? 80 : uri.getPort();
            return Optional.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
