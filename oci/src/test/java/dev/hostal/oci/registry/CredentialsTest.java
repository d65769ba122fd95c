package dev.hostal.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    @TempDir
    private Path folder;

    @Test void secretsAreNotPrinted() {
        assertThat(new Credential.Password("ann", "secret")).asString().doesNotContain("secret");
        assertThat(new Credential.IdentityToken("secret")).asString().doesNotContain("secret");
    }

    @Test void challengesAreUnderstood() {
        assertThat(Challenge.parseAll(List.of("Basic realm=\"a \\\"b\\\"\", Bearer realm=\"https://x/t\",service=s")))
                .containsExactly(new Challenge("basic", Map.of("realm", "a \"b\"")),
                        new Challenge("bearer", Map.of("realm", "https://x/t", "service", "s")));
        assertThat(Challenge.parseAll(List.of("Negotiate", "Bearer realm=\"r\",scope=\"repository:a/b:pull,push\"")))
                .containsExactly(new Challenge("negotiate", Map.of()),
                        new Challenge("bearer", Map.of("realm", "r", "scope", "repository:a/b:pull,push")));
        assertThat(Challenge.best(Challenge.parseAll(List.of("Basic realm=x", "Bearer realm=y"))))
                .hasValueSatisfying(challenge -> assertThat(challenge.scheme()).isEqualTo("bearer"));
        assertThat(Challenge.parseAll(List.of("", "=", ",,,", "x".repeat(10_000)))).isEmpty();
    }

    @Test void proxiesComeFromTheEnvironment() {
        var proxies = new EnvironmentProxies(Map.of("HTTPS_PROXY", "http://proxy:3128", "no_proxy",
                "localhost, .internal,exact.example"));
        var proxy = new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy", 3128));
        assertThat(proxies.select(URI.create("https://registry.example/"))).containsExactly(proxy);
        for (var direct : List.of("https://a.internal/", "https://exact.example:5000/", "https://127.0.0.1/",
                "http://registry.example/")) {
            assertThat(proxies.select(URI.create(direct))).as(direct).containsExactly(Proxy.NO_PROXY);
        }
    }

    @Test void onlyLoopbackMayBePlainByItself() {
        var options = RegistryOptions.of(folder, new EnvironmentProxies(Map.of())).withPlainHttp(Set.of("nas:80"));
        for (var plain : List.of("localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:1", "[::1]:5000", "nas:80")) {
            assertThat(options.mayBePlain(plain)).as(plain).isTrue();
        }
        for (var encrypted : List.of("localhost.example", "127.0.0.1.example", "nas", "docker.io", "127.1")) {
            assertThat(options.mayBePlain(encrypted)).as(encrypted).isFalse();
        }
        assertThat(options.endpoint("docker.io")).isEqualTo("registry-1.docker.io");
    }
}
