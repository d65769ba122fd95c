package dev.hostal.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against a registry that takes blobs in the ways that registries and bad lines do.
@Timeout(60)
class BlobUploadTest {
    private static final String UPLOADS = "/v2/app/blobs/uploads/";

    @TempDir
    private Path folder;
    private Blobs blobs;
    private Descriptor blob;
    private byte[] content;
    private final ByteArrayOutputStream stored = new ByteArrayOutputStream();
    private final AtomicInteger patches = new AtomicInteger();
    private final AtomicLong progress = new AtomicLong();

    @BeforeEach void prepare() throws IOException {
        blobs = ImageLayout.open(folder.resolve("layout")).blobs();
        content = new byte[3 << 20];
        new Random(7).nextBytes(content);
        blob = blobs.write("application/x-blob", content);
    }

    /// Takes what comes, breaks the first `breaks` uploads off after a third.
    private void serve(FakeRegistry registry, int breaks, boolean tellsHowFar) {
        registry.on(UPLOADS, exchange -> place(exchange, 202));
        registry.on("/v2/app/blobs/uploads/1", exchange -> {
            switch (exchange.getRequestMethod()) {
                case "PATCH" -> take(exchange, patches.getAndIncrement() < breaks);
                case "GET" -> {
                    exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, stored.size() - 1));
                    place(exchange, tellsHowFar ? 204 : 404);
                }
                default -> {
                    exchange.getRequestBody().readAllBytes();
                    FakeRegistry.reply(exchange, 201, "");
                }
            }
        });
    }

    private void place(HttpExchange exchange, int status) throws IOException {
        if (exchange.getRequestMethod().equals("POST")) stored.reset();
        exchange.getResponseHeaders().set("Location", UPLOADS + "1");
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private void take(HttpExchange exchange, boolean breaks) throws IOException {
        if (breaks) {
            stored.write(exchange.getRequestBody().readNBytes(content.length / 3));
            exchange.close();
            return;
        }
        exchange.getRequestBody().transferTo(stored);
        exchange.getResponseHeaders().set("Range", "0-" + (stored.size() - 1));
        place(exchange, 202);
    }

    private void upload(FakeRegistry registry, Set<String> elsewhere) throws Exception {
        var options = RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withWaits(new RegistryOptions.Waits(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMillis(5)));
        try (var registries = new Registries(options)) {
            registries.upload(ImageReference.parse(registry.host() + "/app:1"), blob, blobs, elsewhere,
                    progress::addAndGet, Deadline.in(Duration.ofSeconds(40)));
        }
    }

    @Test void aWholeUploadIsOnePatch() throws Exception {
        try (var registry = new FakeRegistry()) {
            serve(registry, 0, true);
            upload(registry, Set.of());
            assertThat(stored.toByteArray()).isEqualTo(content);
            assertThat(patches).hasValue(1);
            assertThat(progress).hasValue(content.length);
        }
    }

    @Test void aBrokenUploadGoesOnWhereItStopped() throws Exception {
        try (var registry = new FakeRegistry()) {
            serve(registry, 2, true);
            upload(registry, Set.of());
            assertThat(stored.toByteArray()).isEqualTo(content);
            assertThat(patches).hasValue(3);
            assertThat(progress).hasValue(content.length);
            assertThat(registry.lines()).filteredOn(line -> line.startsWith("POST")).hasSize(1);
        }
    }

    @Test void withoutAWordOfHowFarItBeginsAnew() throws Exception {
        try (var registry = new FakeRegistry()) {
            serve(registry, 1, false);
            upload(registry, Set.of());
            assertThat(stored.toByteArray()).isEqualTo(content);
            assertThat(progress).hasValue(content.length);
            assertThat(registry.lines()).filteredOn(line -> line.startsWith("POST")).hasSize(2);
        }
    }

    @Test void aLineThatBringsNothingIsGivenUp() throws Exception {
        try (var registry = new FakeRegistry()) {
            serve(registry, 1000, false);
            assertThatThrownBy(() -> upload(registry, Set.of())).isInstanceOf(RegistryException.class);
            assertThat(patches.get()).isBetween(2, 4);
        }
    }

    @Test void whatIsThereIsNotSent() throws Exception {
        try (var registry = new FakeRegistry()) {
            registry.on("/v2/app/blobs/" + blob.digest(), exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            upload(registry, Set.of("other"));
            assertThat(registry.lines()).noneMatch(line -> line.startsWith("POST"));
            assertThat(progress).hasValue(content.length);
        }
    }

    @Test void whatAnotherRepositoryHasIsMounted() throws Exception {
        try (var registry = new FakeRegistry()) {
            registry.on(UPLOADS, exchange -> FakeRegistry.reply(exchange, 201, ""));
            upload(registry, Set.of("other/one"));
            assertThat(registry.lines()).contains("POST " + UPLOADS + "?mount=" + blob.digest() + "&from=other/one");
            assertThat(progress).hasValue(content.length);
            serve(registry, 0, true);
            progress.set(0);
            upload(registry, Set.of("other/one"));
            assertThat(stored.toByteArray()).as("a registry that mounts nothing gets the bytes").isEqualTo(content);
        }
    }
}
