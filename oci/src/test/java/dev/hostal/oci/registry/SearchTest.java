package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.registry.Registries.Found;
import dev.hostal.oci.registry.RegistryOptions.Waits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a registry is asked without fetching an image.
class SearchTest {
    @TempDir
    private Path folder;
    private FakeRegistry server;
    private Registries registries;

    @BeforeEach void open() throws IOException {
        server = new FakeRegistry();
        registries = new Registries(RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withWaits(new Waits(Duration.ofSeconds(4), Duration.ofSeconds(2), Duration.ofMillis(10))));
    }

    @AfterEach void close() {
        registries.close();
        server.close();
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }

    @Test void theSearchOfAnIndexIsAsked() throws Exception {
        server.on("/v1/search", exchange -> FakeRegistry.reply(exchange, 200, """
                {"num_results":2,"results":[{"name":"team/web","description":"serves","star_count":7,"is_official":true,"is_automated":false},
                 {"name":"b"}]}"""));
        assertThat(registries.search(server.host(), "we b", 5, soon()))
                .containsExactly(new Found("team/web", "serves", 7, true, false), new Found("b", "", 0, false, false));
        assertThat(server.lines()).contains("GET /v1/search?q=we+b&n=5");
    }

    @Test void aCatalogIsReadPageByPage() throws Exception {
        server.on("/v2/_catalog", exchange -> {
            var query = exchange.getRequestURI().getQuery();
            var page = query.contains("last=team/web2") ? "[]" : query.contains("last=other") ? "[\"team/web2\"]"
                    : "[\"a-web\",\"other\"]";
            FakeRegistry.reply(exchange, 200, "{\"repositories\":%s}".formatted(page));
        });
        assertThat(registries.search(server.host(), "WEB", 25, soon())).extracting(Found::name)
                .containsExactly("a-web", "team/web2");
        assertThat(registries.search(server.host(), "web", 1, soon())).extracting(Found::name).containsExactly("a-web");
    }

    @Test void whoCannotSearchSaysSo() {
        assertThatThrownBy(() -> registries.search(server.host(), "web", 25, soon())).isInstanceOf(RegistryException.class)
                .hasMessageContaining("neither a search nor a catalog");
        server.on("/v1/search", exchange -> FakeRegistry.reply(exchange, 200, "{\"results\":7}"));
        assertThatThrownBy(() -> registries.search(server.host(), "web", 25, soon())).isInstanceOf(RegistryException.class)
                .hasMessageContaining("answers no search");
    }

    @Test void aSmallBlobIsWhatItsDigestSays() throws Exception {
        var content = "{\"os\":\"linux\"}".getBytes(UTF_8);
        var blob = Descriptor.of(MediaTypes.OCI_CONFIG, content);
        var reference = ImageReference.parse(server.host() + "/team/app:1");
        server.on("/v2/team/app/blobs/" + blob.digest(), exchange -> FakeRegistry.reply(exchange, 200, content));
        assertThat(registries.blob(reference, blob, 1000, soon())).isEqualTo(content);
        assertThatThrownBy(() -> registries.blob(reference, blob, 3, soon())).hasMessageContaining("over 3 bytes");
        server.on("/v2/team/app/blobs/" + blob.digest(), exchange -> FakeRegistry.reply(exchange, 200, "{}"));
        assertThatThrownBy(() -> registries.blob(reference, blob, 1000, soon())).hasMessageContaining("another digest");
    }
}
