package dev.hostal.oci.registry;

import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// How registries are reached.
///
/// @param endpoints host and optional port that is asked in place of a registry's name
/// @param plainHttp hosts with optional port that may be spoken to without TLS, beside loopback addresses
/// @param mirrors asked before a registry, in this order, by the registry's name
/// @param authorities files of certificates of further authorities, by the host that is asked
/// @param dockerConfig folder of Docker's `config.json`, which holds credentials
/// @param certificates folder with certificates of further authorities, `<host>/*.crt`, as Docker has it
public record RegistryOptions(
        Map<String, String> endpoints,
        Set<String> plainHttp,
        Map<String, List<Mirror>> mirrors,
        Map<String, Path> authorities,
        Path dockerConfig,
        Path certificates,
        ProxySelector proxies,
        Waits waits) {
    /// Docker Hub answers under another name than the one in references.
    /// Source: Docker, "Docker Hub API", registry endpoint.
    private static final Map<String, String> WELL_KNOWN = Map.of("docker.io", "registry-1.docker.io");

    /// Where Docker looks. Source: Docker, "Verify repository client with certificates".
    public static final Path CERTIFICATES = Path.of("/etc/docker/certs.d");

    /// @param reach the most that an unreachable registry costs in all
    /// @param stall how long a transfer may stand still
    /// @param retryPause before the first retry; doubled for each further one
    public record Waits(Duration reach, Duration stall, Duration retryPause) {
        /// Chosen: longer than any handshake over a working line.
        public static final Waits DEFAULT =
                new Waits(Duration.ofSeconds(4), Duration.ofSeconds(30), Duration.ofMillis(300));
    }

    public RegistryOptions {
        endpoints = Map.copyOf(endpoints);
        plainHttp = Set.copyOf(plainHttp);
        mirrors = Map.copyOf(mirrors);
        authorities = Map.copyOf(authorities);
    }

    /// @param dockerConfig such as `~/.docker`
    public static RegistryOptions of(Path dockerConfig, ProxySelector proxies) {
        return new RegistryOptions(WELL_KNOWN, Set.of(), Map.of(), Map.of(), dockerConfig, CERTIFICATES, proxies,
                Waits.DEFAULT);
    }

    public RegistryOptions withEndpoint(String registry, String hostAndPort) {
        var all = new TreeMap<>(endpoints);
        all.put(registry, hostAndPort);
        return with(all, plainHttp, mirrors, authorities);
    }

    public RegistryOptions withPlainHttp(Set<String> hosts) {
        return with(endpoints, hosts, mirrors, authorities);
    }

    RegistryOptions with(Map<String, String> endpoints, Set<String> plainHttp, Map<String, List<Mirror>> mirrors,
            Map<String, Path> authorities) {
        return new RegistryOptions(endpoints, plainHttp, mirrors, authorities, dockerConfig, certificates, proxies,
                waits);
    }

    public RegistryOptions withCertificates(Path folder) {
        return new RegistryOptions(endpoints, plainHttp, mirrors, authorities, dockerConfig, folder, proxies, waits);
    }

    public RegistryOptions withWaits(Waits others) {
        return new RegistryOptions(endpoints, plainHttp, mirrors, authorities, dockerConfig, certificates, proxies,
                others);
    }

    String endpoint(String registry) {
        return endpoints.getOrDefault(registry, registry);
    }

    List<Mirror> mirrors(String registry) {
        return mirrors.getOrDefault(registry, List.of());
    }

    Optional<Path> authorities(String host) {
        return Optional.ofNullable(authorities.get(host));
    }

    /// @param host with its port, if one is named
    boolean mayBePlain(String host) {
        return isLoopback(host) || plainHttp.contains(host);
    }

    static boolean isLoopback(String host) {
        var name = host.replaceFirst(":\\d+$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127\\.\\d+\\.\\d+\\.\\d+");
    }
}
