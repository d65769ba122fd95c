package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.registry.RegistryException.Reason;
import dev.hostal.oci.registry.RegistryOptions.Waits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against a registry that misbehaves in every way that was thought of.
@Timeout(30)
class RegistriesTest {
    private static final String MANIFEST = "{\"schemaVersion\":2}";

    @TempDir
    private Path folder;
    private final FakeRegistry server;
    private final byte[] content = new byte[200_000];
    private final Descriptor blob;
    private Registries registries;
    private Blobs blobs;
    private ImageReference reference;

    RegistriesTest() throws IOException {
        server = new FakeRegistry();
        new Random(3).nextBytes(content);
        blob = Descriptor.of(MediaTypes.OCI_LAYER, content);
    }

    @BeforeEach void open() throws IOException {
        blobs = ImageLayout.open(folder.resolve("layout")).blobs();
        reference = ImageReference.parse(server.host() + "/team/app:1");
        registries = new Registries(options());
    }

    @AfterEach void close() {
        registries.close();
        server.close();
    }

    private RegistryOptions options() {
        return RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withWaits(new Waits(Duration.ofSeconds(4), Duration.ofSeconds(2), Duration.ofMillis(10)));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(10));
    }

    private void login(String user, String password) throws IOException {
        var auth = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
        Files.createDirectories(folder.resolve("docker"));
        Files.writeString(folder.resolve("docker/config.json"),
                "{\"auths\":{\"" + server.host() + "\":{\"auth\":\"" + auth + "\"}}}");
    }

    private String blobPath() {
        return "/v2/team/app/blobs/" + blob.digest();
    }

    private void download() throws IOException, InterruptedException {
        registries.download(reference, blob, blobs, _ -> {}, soon());
    }

    private void refused(Reason reason, String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call)
            throws IOException {
        assertThatThrownBy(call).isInstanceOfSatisfying(RegistryException.class, failure -> {
            assertThat(failure.reason()).isEqualTo(reason);
            assertThat(failure.getMessage()).contains(message).doesNotContain("\n");
        });
        assertThat(blobs.list()).isEmpty();
        try (var files = Files.list(folder.resolve("layout/tmp"))) {
            assertThat(files).isEmpty();
        }
    }

    // ---- manifests

    @Test void aTagIsResolved() throws Exception {
        server.manifest("team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST.getBytes(UTF_8));
        var document = registries.resolve(reference, soon());
        assertThat(document.bytes()).asString(UTF_8).isEqualTo(MANIFEST);
        assertThat(document.descriptor()).isEqualTo(
                Descriptor.of(MediaTypes.OCI_MANIFEST, MANIFEST.getBytes(UTF_8)));
        assertThat(server.lines()).containsExactly("GET /v2/", "GET /v2/team/app/manifests/1");
    }

    @Test void shortNamesAreAskedOfDockerHub() throws Exception {
        server.manifest("library/debian", "12", MediaTypes.OCI_MANIFEST, MANIFEST.getBytes(UTF_8));
        registries = new Registries(options().withEndpoint("docker.io", server.host()));
        assertThat(registries.resolve(ImageReference.parse("debian:12"), soon()).bytes()).isNotEmpty();
    }

    @Test void anotherDigestThanAskedForIsRefused() throws Exception {
        var wanted = Descriptor.of(MediaTypes.OCI_MANIFEST, "other".getBytes(UTF_8));
        server.manifest("team/app", wanted.digest().value(), MediaTypes.OCI_MANIFEST, MANIFEST.getBytes(UTF_8));
        var pinned = ImageReference.parse(server.host() + "/team/app@" + wanted.digest());
        refused(Reason.FAILED, "another digest", () -> registries.resolve(pinned, soon()));
        refused(Reason.FAILED, "another digest", () -> registries.manifest(reference, wanted, soon()));
    }

    @Test void whatIsNotThereIsNotFound() throws Exception {
        refused(Reason.NOT_FOUND, "HTTP status 404, no such thing", () -> registries.resolve(reference, soon()));
    }

    @Test void whatIsNoImageIsRefused() throws Exception {
        server.manifest("team/app", "1", "text/html; charset=utf-8", "<html>".getBytes(UTF_8));
        refused(Reason.FAILED, "'text/html', which is no image", () -> registries.resolve(reference, soon()));
        server.manifest("team/app", "1", MediaTypes.OCI_INDEX, new byte[(4 << 20) + 1]);
        refused(Reason.FAILED, "over 4 MiB", () -> registries.resolve(reference, soon()));
    }

    // ---- passing failures

    @Test void whatMayPassIsTriedAgain() throws Exception {
        var count = new AtomicInteger();
        server.on("/v2/team/app/manifests/1", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
            if (count.incrementAndGet() < 4) {
                exchange.getResponseHeaders().set("Retry-After", "0");
                FakeRegistry.reply(exchange, count.get() == 1 ? 429 : 503, "busy");
            } else {
                FakeRegistry.reply(exchange, 200, MANIFEST);
            }
        });
        assertThat(registries.resolve(reference, soon()).bytes()).isNotEmpty();
        assertThat(count).hasValue(4);
    }

    @Test void whatDoesNotPassIsTold() throws Exception {
        server.on("/v2/team/app/manifests/1", exchange -> FakeRegistry.reply(exchange, 500,
                "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"the\\ndisk broke\"}]}"));
        refused(Reason.FAILED, "HTTP status 500, the disk broke", () -> registries.resolve(reference, soon()));
        assertThat(server.lines()).hasSize(5);
    }

    // ---- credentials

    @Test void aTokenIsFetchedAndKept() throws Exception {
        login("ann", "secret");
        server.on("/token", exchange -> FakeRegistry.reply(exchange, 200, "{\"token\":\"t1\",\"expires_in\":300}"));
        server.on("/v2/team/app/manifests/1", exchange -> {
            if ("Bearer t1".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                FakeRegistry.reply(exchange, 200, MANIFEST);
            } else {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"http://" + server.host()
                        + "/token\",service=\"the registry\",scope=\"repository:team/app:pull\"");
                FakeRegistry.reply(exchange, 401, "{}");
            }
        });
        registries.resolve(reference, soon());
        registries.resolve(reference, soon());
        assertThat(server.lines()).containsExactly("GET /v2/", "GET /v2/team/app/manifests/1",
                "GET /token?service=the+registry&scope=repository%3Ateam%2Fapp%3Apull",
                "GET /v2/team/app/manifests/1", "GET /v2/team/app/manifests/1");
        var basic = "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));
        assertThat(server.asked).extracting(FakeRegistry.Asked::authorization)
                .containsExactly("null", "null", basic, "Bearer t1", "Bearer t1");
    }

    @Test void aTokenServiceThatCannotBeTrustedIsNotAsked() throws Exception {
        login("ann", "secret");
        server.on("/v2/team/app/manifests/1", exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"http://example.com/token\"");
            FakeRegistry.reply(exchange, 401, "{}");
        });
        refused(Reason.FAILED, "no token service that can be trusted", () -> registries.resolve(reference, soon()));
    }

    @Test void passwordsAreSentWhenAskedFor() throws Exception {
        server.on("/v2/team/app/manifests/1", exchange -> {
            var basic = "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));
            if (basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                FakeRegistry.reply(exchange, 200, MANIFEST);
            } else {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                FakeRegistry.reply(exchange, 401, "{}");
            }
        });
        refused(Reason.DENIED, "wants a name and a password", () -> registries.resolve(reference, soon()));
        login("ann", "wrong");
        refused(Reason.DENIED, "401", () -> registries.resolve(reference, soon()));
        login("ann", "secret");
        assertThat(registries.resolve(reference, soon()).bytes()).isNotEmpty();
    }

    @Test void anotherHostDoesNotGetTheCredentials() throws Exception {
        login("ann", "secret");
        try (var store = new FakeRegistry()) {
            store.on("/signed", exchange -> FakeRegistry.reply(exchange, 200, content));
            server.on(blobPath(), exchange -> {
                if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                    exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                    FakeRegistry.reply(exchange, 401, "");
                } else {
                    exchange.getResponseHeaders().set("Location", "http://" + store.host() + "/signed?key=1");
                    FakeRegistry.reply(exchange, 307, "");
                }
            });
            download();
            assertThat(store.asked).singleElement()
                    .satisfies(asked -> assertThat(asked.authorization()).isEqualTo("null"));
        }
        assertThat(blobs.has(blob)).isTrue();
    }

    @Test void redirectsAreFollowedWithinReason() throws Exception {
        server.on(blobPath(), exchange -> {
            exchange.getResponseHeaders().set("Location", blobPath());
            FakeRegistry.reply(exchange, 302, "");
        });
        refused(Reason.FAILED, "in circles", this::download);
        server.on(blobPath(), exchange -> {
            exchange.getResponseHeaders().set("Location", "http://example.com/plain");
            FakeRegistry.reply(exchange, 302, "");
        });
        refused(Reason.FAILED, "not to be trusted", this::download);
    }

    // ---- blobs

    @Test void aBlobIsDownloadedOnce() throws Exception {
        server.on(blobPath(), exchange -> FakeRegistry.reply(exchange, 200, content));
        var progress = new AtomicLong();
        registries.download(reference, blob, blobs, progress::addAndGet, soon());
        registries.download(reference, blob, blobs, progress::addAndGet, soon());
        assertThat(progress).hasValue(2 * blob.size());
        assertThat(blobs.read(blob.digest())).isEqualTo(content);
        assertThat(server.lines()).containsExactly("GET /v2/", "GET " + blobPath());
    }

    @Test void aCutOffDownloadGoesOnWhereItStopped() throws Exception {
        var starts = new AtomicInteger();
        server.on(blobPath(), exchange -> {
            var range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            int to = Math.min(content.length, from + 60_000);
            starts.incrementAndGet();
            if (from > 0) {
                exchange.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from,
                        content.length - 1, content.length));
            }
            FakeRegistry.cutOff(exchange, from == 0 ? 200 : 206, content.length - from,
                    Arrays.copyOfRange(content, from, to));
        });
        download();
        assertThat(blobs.has(blob)).isTrue();
        assertThat(starts.get()).isGreaterThanOrEqualTo(4);
        assertThat(server.asked.get(2).range()).isNotEqualTo("bytes=0-").startsWith("bytes=");
    }

    @Test void aServerWithoutRangesStartsAgain() throws Exception {
        var starts = new AtomicInteger();
        server.on(blobPath(), exchange -> {
            if (starts.incrementAndGet() == 1) {
                FakeRegistry.cutOff(exchange, 200, content.length, Arrays.copyOf(content, 60_000));
            } else {
                FakeRegistry.reply(exchange, 200, content);
            }
        });
        var progress = new AtomicLong();
        registries.download(reference, blob, blobs, progress::addAndGet, soon());
        assertThat(blobs.has(blob)).isTrue();
        assertThat(progress).hasValue(blob.size());
    }

    @Test void wrongContentIsRefused() throws Exception {
        var other = content.clone();
        other[100_000] ^= 1;
        server.on(blobPath(), exchange -> FakeRegistry.reply(exchange, 200, other));
        refused(Reason.FAILED, "has the digest", this::download);
        server.on(blobPath(), exchange -> FakeRegistry.reply(exchange, 200, Arrays.copyOf(content, 300_000)));
        refused(Reason.FAILED, "more than the 200000 bytes", this::download);
        server.on(blobPath(), exchange -> FakeRegistry.reply(exchange, 200, Arrays.copyOf(content, 100_000)));
        refused(Reason.FAILED, "", this::download);
    }

    @Test void aTransferThatStandsStillIsGivenUp() throws Exception {
        var end = new CountDownLatch(1);
        server.on(blobPath(), exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 1000);
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        refused(Reason.FAILED, "no bytes came", this::download);
        refused(Reason.TIMED_OUT, "time ran out", () -> registries.download(reference, blob, blobs, _ -> {},
                Deadline.in(Duration.ofMillis(300))));
        end.countDown();
    }

    @Test void aDownloadCanBeInterrupted() throws Exception {
        var end = new CountDownLatch(1);
        server.on(blobPath(), exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 1000);
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        var outcome = new CompletableFuture<Throwable>();
        var thread = Thread.ofVirtual().start(() -> {
            try {
                download();
                outcome.complete(new AssertionError("it ended"));
            } catch (IOException | InterruptedException e) {
                outcome.complete(e);
            }
        });
        Thread.sleep(200);
        thread.interrupt();
        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        end.countDown();
    }

    // ---- unreachable

    @Test void whereNobodyListensIsToldAtOnce() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var nobody = ImageReference.parse("127.0.0.1:" + port + "/app");
        refused(Reason.UNREACHABLE, "registry 127.0.0.1:" + port + " cannot be reached: the connection is refused",
                () -> registries.resolve(nobody, soon()));
    }

    @Test void whoDoesNotAnswerIsGivenUpSoon() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var nobody = ImageReference.parse("127.0.0.1:" + silent.getLocalPort() + "/app");
            long start = System.nanoTime();
            refused(Reason.UNREACHABLE, "no answer in time", () -> registries.resolve(nobody, soon()));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test void aRegistryThatGoesAwayIsToldAtOnce() throws Exception {
        server.manifest("team/app", "1", MediaTypes.OCI_MANIFEST, MANIFEST.getBytes(UTF_8));
        registries.resolve(reference, soon());
        server.close();
        long start = System.nanoTime();
        refused(Reason.UNREACHABLE, "the connection is refused", () -> registries.resolve(reference, soon()));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test void anUnknownNameIsTold() throws Exception {
        refused(Reason.UNREACHABLE, "cannot be reached: ", () -> registries.resolve(
                ImageReference.parse("no-such-registry.invalid/app"), soon()));
    }
}
