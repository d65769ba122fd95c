package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.registry.RegistryException.Reason;
import dev.hostal.oci.registry.RegistryOptions.Waits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the operator says of registries, and logins that come with a request.
@Timeout(30)
class MirrorsTest {
    private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(UTF_8);
    private static final ImageReference APP = ImageReference.parse("upstream.test/team/app:1");

    @TempDir
    private Path folder;
    private final FakeRegistry origin;
    private final FakeRegistry mirror;
    private final byte[] content = "a layer".repeat(10_000).getBytes(UTF_8);
    private final Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER, content);
    private Registries registries;
    private Blobs blobs;

    MirrorsTest() throws IOException {
        origin = new FakeRegistry();
        mirror = new FakeRegistry();
    }

    @BeforeEach void open() throws IOException {
        blobs = ImageLayout.open(folder.resolve("layout")).blobs();
        var options = RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withWaits(new Waits(Duration.ofSeconds(4), Duration.ofSeconds(2), Duration.ofMillis(10)));
        registries = Registries.configured(folder.resolve("registries.json"), options);
    }

    @AfterEach void close() {
        registries.close();
        origin.close();
        mirror.close();
    }

    private void configure(String mirrors) throws IOException {
        Files.writeString(folder.resolve("registries.json"), """
                {"upstream.test": {"endpoint": "%s", "mirrors": [%s]}}""".formatted(origin.host(), mirrors));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(15));
    }

    private static String blobPath(String repository, Descriptor blob) {
        return "/v2/" + repository + "/blobs/" + blob.digest();
    }

    @Test void aMirrorIsAskedFirstAndTheRegistryForTheRest() throws Exception {
        configure("\"http://" + mirror.host() + "/cache\"");
        mirror.manifest("cache/team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
        origin.on(blobPath("team/app", blob), exchange -> FakeRegistry.reply(exchange, 200, content));
        assertThat(registries.resolve(APP, soon()).bytes()).isEqualTo(MANIFEST);
        assertThat(origin.lines()).isEmpty();
        registries.download(APP, blob, blobs, _ -> {}, soon());
        assertThat(mirror.lines()).endsWith("GET " + blobPath("cache/team/app", blob));
        assertThat(origin.lines()).endsWith("GET " + blobPath("team/app", blob));
    }

    @Test void aMirrorThatLiesOrBreaksIsLeftAlone() throws Exception {
        configure("\"http://" + mirror.host() + "\"");
        var wrong = content.clone();
        wrong[7] ^= 1;
        mirror.on(blobPath("team/app", blob), exchange -> FakeRegistry.reply(exchange, 200, wrong));
        origin.on(blobPath("team/app", blob), exchange -> FakeRegistry.reply(exchange, 200, content));
        var progress = new AtomicLong();
        registries.download(APP, blob, blobs, progress::addAndGet, soon());
        assertThat(blobs.read(blob.digest())).isEqualTo(content);
        assertThat(progress).hasValue(blob.size());
        int asked = mirror.lines().size();
        origin.manifest("team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
        registries.resolve(APP, soon());
        assertThat(mirror.lines()).hasSize(asked);
    }

    @Test void aMirrorThatIsNotThereCostsLittle() throws Exception {
        mirror.close();
        configure("\"http://" + mirror.host() + "\"");
        origin.manifest("team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
        assertThat(registries.resolve(APP, soon()).bytes()).isEqualTo(MANIFEST);
        assertThatThrownBy(() -> registries.resolve(ImageReference.parse("upstream.test/none:1"), soon()))
                .isInstanceOfSatisfying(RegistryException.class, failure -> {
                    assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
                    assertThat(failure).hasMessageContaining("upstream.test");
                });
    }

    @Test void theFileCountsAsSoonAsItIsWritten() throws Exception {
        assertThatThrownBy(() -> registries.resolve(APP, soon())).isInstanceOf(RegistryException.class);
        configure("");
        origin.manifest("team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
        assertThat(registries.resolve(APP, soon()).bytes()).isEqualTo(MANIFEST);
        Files.writeString(folder.resolve("registries.json"), "{\"upstream.test\": {\"mirror\": []}}");
        assertThatThrownBy(() -> registries.resolve(APP, soon())).isInstanceOf(IOException.class)
                .hasMessageContaining("registries.json cannot be understood").hasMessageContaining("mirror");
        Files.delete(folder.resolve("registries.json"));
        assertThatThrownBy(() -> registries.resolve(APP, soon())).isInstanceOf(RegistryException.class);
    }

    @Test void mirrorsAreRead() {
        assertThat(Mirror.parse("https://a.example/x/y/")).isEqualTo(new Mirror("a.example", "x/y/", false));
        assertThat(Mirror.parse("http://10.0.0.5:5000")).isEqualTo(new Mirror("10.0.0.5:5000", "", true));
        for (var bad : new String[] {"", "http://", "https://user:pw@a", "a b", "a/../b"}) {
            assertThatThrownBy(() -> Mirror.parse(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---- logins

    private void wantPassword(FakeRegistry registry, String path) {
        registry.on(path, exchange -> {
            var basic = "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));
            if (basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                FakeRegistry.reply(exchange, 200, MANIFEST);
            } else {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                FakeRegistry.reply(exchange, 401, "{}");
            }
        });
    }

    @Test void aLoginIsForThatRequestAndThatRegistryOnly() throws Exception {
        configure("\"http://" + mirror.host() + "\"");
        wantPassword(origin, "/v2/team/app/manifests/1");
        wantPassword(mirror, "/v2/team/app/manifests/1");
        var login = new RegistryLogin("upstream.test", "ann", "secret");
        assertThat(registries.as(Optional.of(login)).resolve(APP, soon()).bytes()).isEqualTo(MANIFEST);
        assertThat(mirror.asked).allSatisfy(asked -> assertThat(asked.authorization()).isEqualTo("null"));
        assertThatThrownBy(() -> registries.resolve(APP, soon())).isInstanceOf(RegistryException.class)
                .hasMessageContaining("wants a name and a password");
        var wrong = new RegistryLogin("upstream.test", "ann", "wrong");
        assertThatThrownBy(() -> registries.as(Optional.of(wrong)).resolve(APP, soon()))
                .isInstanceOf(RegistryException.class).hasMessageNotContaining("wrong");
    }

    @Test void aLoginIsChecked() throws Exception {
        configure("");
        wantPassword(origin, "/v2/");
        registries.check(new RegistryLogin("upstream.test", "ann", "secret"), soon());
        assertThatThrownBy(() -> registries.check(new RegistryLogin("upstream.test", "ann", "no"), soon()))
                .isInstanceOfSatisfying(RegistryException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.DENIED));
    }

    // ---- limits

    @Test void aRegistryThatAsksForPatienceGetsItWithinReason() throws Exception {
        configure("");
        origin.on("/v2/team/app/manifests/1", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            FakeRegistry.reply(exchange, 429, "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}");
        });
        assertThatThrownBy(() -> registries.resolve(APP, soon())).isInstanceOf(RegistryException.class)
                .hasMessageContaining("HTTP status 429, slow down");
        assertThat(origin.lines()).filteredOn(line -> line.endsWith("/manifests/1")).hasSize(1);
        var answers = new AtomicInteger();
        origin.on("/v2/team/app/manifests/1", exchange -> {
            if (answers.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT");
                FakeRegistry.reply(exchange, 429, "");
            } else {
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                FakeRegistry.reply(exchange, 200, MANIFEST);
            }
        });
        assertThat(registries.resolve(APP, soon()).bytes()).isEqualTo(MANIFEST);
    }

    @Test void bodiesWithoutAnEndAreRefused() throws Exception {
        configure("");
        FakeRegistry.Answer endless = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().endsWith("/2") ? 500 : 200, 0);
            var piece = new byte[64 << 10];
            Arrays.fill(piece, (byte) ' ');
            while (true) {
                exchange.getResponseBody().write(piece);
            }
        };
        origin.on("/v2/team/app/manifests/1", endless);
        origin.on("/v2/team/app/manifests/2", endless);
        origin.on(blobPath("team/app", blob), endless);
        assertThatThrownBy(() -> registries.resolve(APP, soon())).hasMessageContaining("over 4 MiB");
        assertThatThrownBy(() -> registries.resolve(ImageReference.parse("upstream.test/team/app:2"), soon()))
                .hasMessageContaining("HTTP status 500");
        assertThatThrownBy(() -> registries.download(APP, blob, blobs, _ -> {}, soon()))
                .hasMessageContaining("more than the");
        assertThat(blobs.list()).isEmpty();
    }
}
