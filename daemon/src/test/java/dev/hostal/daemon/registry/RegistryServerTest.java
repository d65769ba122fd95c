package dev.hostal.daemon.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hostal.base.Bytes;
import dev.hostal.image.PullThrough;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RegistryServerTest {
    @TempDir
    private Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, byte[]> served = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final HttpServer upstream;
    private Registries registries;
    private RegistryServer server;

    RegistryServerTest() throws IOException {
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        upstream.createContext("/", exchange -> {
            var path = exchange.getRequestURI().getPath();
            asked.add(exchange.getRequestMethod() + " " + path);
            var body = path.equals("/v2/") ? "{}".getBytes(UTF_8) : served.get(path);
            if (path.contains("/secret/") && exchange.getRequestHeaders().getFirst("Authorization") == null) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                exchange.sendResponseHeaders(401, -1);
            } else if (body == null) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                exchange.getResponseHeaders().set("Content-Type", types.getOrDefault(path, "application/octet-stream"));
                boolean head = exchange.getRequestMethod().equals("HEAD");
                if (head) exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(200, head ? -1 : body.length);
                if (!head) exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        upstream.start();
    }

    @BeforeEach void open() throws IOException {
        Files.createDirectories(folder.resolve("docker"));
        var host = "127.0.0.1:" + upstream.getAddress().getPort();
        Files.writeString(folder.resolve("docker/config.json"),
                "{\"auths\":{\"docker.io\":{\"auth\":\"YTpi\"},\"up.test\":{\"auth\":\"YTpi\"}}}");
        registries = new Registries(RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withEndpoint("docker.io", host).withEndpoint("up.test", host));
        start(Bytes.mib(64));
    }

    private void start(Bytes limit) throws IOException {
        if (server != null) server.close();
        var cache = PullThrough.open(folder.resolve("cache"), registries,
                ImageLayout.open(folder.resolve("store")).blobs(), limit, Clock.systemUTC());
        server = new RegistryServer(InetSocketAddress.createUnresolved("127.0.0.1", 0), cache);
        server.start();
    }

    @AfterEach void close() {
        server.close();
        registries.close();
        upstream.stop(0);
        client.close();
    }

    private HttpResponse<byte[]> get(String method, String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) request.headers(headers);
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private Descriptor offer(String repository, String type, byte[] content) {
        var blob = Descriptor.of(type, content);
        var kind = MediaTypes.isManifest(type) || MediaTypes.isIndex(type) ? "manifests/" : "blobs/";
        served.put("/v2/" + repository + "/" + kind + blob.digest(), content);
        types.put("/v2/" + repository + "/" + kind + blob.digest(), type);
        return blob;
    }

    /// An image under an index, with a tag.
    private Descriptor image(String repository, String tag, byte[] layer) {
        var config = offer(repository, MediaTypes.OCI_CONFIG, ("{\"of\":\"" + tag + "\"}").getBytes(UTF_8));
        var manifest = Manifest.of(config, List.of(offer(repository, MediaTypes.OCI_LAYER_GZIP, layer)));
        var index = Index.of(List.of(offer(repository, MediaTypes.OCI_MANIFEST, manifest.toBytes())));
        offer(repository, MediaTypes.OCI_INDEX, index.toBytes());
        served.put("/v2/" + repository + "/manifests/" + tag, index.toBytes());
        types.put("/v2/" + repository + "/manifests/" + tag, MediaTypes.OCI_INDEX);
        return manifest.layers().getFirst();
    }

    private static byte[] bytes(int seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test void whatWasFetchedOnceIsServedWithoutTheRegistry() throws Exception {
        var content = bytes(1, 300_000);
        var layer = image("library/app", "1", content);
        assertThat(get("GET", "/v2/").statusCode()).isEqualTo(200);
        var index = get("GET", "/v2/library/app/manifests/1");
        assertThat(index.headers().firstValue("Content-Type")).contains(MediaTypes.OCI_INDEX);
        assertThat(index.headers().firstValue("Docker-Content-Digest")).contains(Digest.of(index.body()).value());
        var manifest = Index.parse(MediaTypes.OCI_INDEX, index.body()).manifests().getFirst();
        assertThat(Digest.of(get("GET", "/v2/library/app/manifests/" + manifest.digest()).body())).isEqualTo(manifest.digest());
        var path = "/v2/library/app/blobs/" + layer.digest();
        assertThat(get("HEAD", path).headers().firstValueAsLong("Content-Length")).hasValue(300_000);
        for (int i = 0; i < 2; i++) {
            assertThat(get("GET", path).body()).isEqualTo(content);
        }
        var range = get("GET", path, "Range", "bytes=299990-");
        assertThat(range.statusCode()).isEqualTo(206);
        assertThat(range.headers().firstValue("Content-Range")).contains("bytes 299990-299999/300000");
        assertThat(range.body()).isEqualTo(Arrays.copyOfRange(content, 299_990, 300_000));
        assertThat(get("GET", path, "Range", "bytes=300000-").statusCode()).isEqualTo(416);
        assertThat(asked).filteredOn(line -> line.equals("GET " + path)).hasSize(1);

        // The registry goes away, the daemon is started anew: what was fetched is still there.
        upstream.stop(0);
        start(Bytes.mib(64));
        assertThat(get("GET", "/v2/library/app/manifests/1").body()).isEqualTo(index.body());
        assertThat(get("GET", path).body()).isEqualTo(content);
        assertThat(get("GET", "/v2/library/other/manifests/1").statusCode()).isEqualTo(502);
    }

    @Test void aRegistryIsNamedInThreeWays() throws Exception {
        image("library/app", "1", bytes(1, 100));
        image("team/app", "1", bytes(2, 100));
        assertThat(get("GET", "/v2/library/app/manifests/1").statusCode()).isEqualTo(200);
        assertThat(get("GET", "/v2/docker.io/library/app/manifests/1").statusCode()).isEqualTo(200);
        assertThat(get("GET", "/v2/up.test/team/app/manifests/1").statusCode()).isEqualTo(200);
        assertThat(get("GET", "/v2/team/app/manifests/1?ns=up.test").statusCode()).isEqualTo(200);
        assertThat(get("GET", "/v2/no/such/manifests/1").statusCode()).isEqualTo(404);
        for (var bad : List.of("/", "/v1/", "/v2/app/tags/list", "/v2/..%2f..%2fetc/manifests/1", "/v2/a%20b/manifests/1",
                "/v2/127.0.0.1:1/x/manifests/1")) {
            assertThat(get("GET", bad).statusCode()).as(bad).isBetween(400, 404);
        }
        assertThat(get("PUT", "/v2/library/app/manifests/1").statusCode()).isEqualTo(405);
        assertThat(get("GET", "/v2/library/app/blobs/latest").statusCode()).isEqualTo(400);
    }

    /// Whoever may ask the cache may not see what only this host's logins show.
    @Test void whatIsNotPublicIsNotServed() throws Exception {
        image("secret/app", "1", bytes(1, 100));
        var refused = get("GET", "/v2/up.test/secret/app/manifests/1");
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).asString(UTF_8).contains("\"errors\"");
        // Nor is what the image store has, for those who do not ask for a repository that has it.
        var hidden = ImageLayout.open(folder.resolve("store")).blobs().write(MediaTypes.OCI_LAYER, bytes(3, 100));
        assertThat(get("GET", "/v2/library/app/blobs/" + hidden.digest()).statusCode()).isEqualTo(404);
        var layer = image("library/app", "1", bytes(3, 100));
        assertThat(get("GET", "/v2/library/app/blobs/" + layer.digest()).statusCode()).isEqualTo(200);
        assertThat(asked).as("the store has it").doesNotContain("GET /v2/library/app/blobs/" + layer.digest());
    }

    @Test void whatWasNotAskedForTheLongestMakesRoom() throws Exception {
        start(new Bytes(250_000));
        for (int i = 0; i < 5; i++) {
            var layer = image("library/app", "v" + i, bytes(i, 100_000));
            assertThat(get("GET", "/v2/library/app/manifests/v" + i).statusCode()).isEqualTo(200);
            assertThat(get("GET", "/v2/library/app/blobs/" + layer.digest()).body()).hasSize(100_000);
        }
        long kept = 0;
        try (var files = Files.list(folder.resolve("cache/blobs/sha256"))) {
            for (var file : files.toList()) {
                kept += Files.size(file);
            }
        }
        assertThat(kept).isBetween(100_000L, 250_000L);
        // What was dropped is fetched again.
        var first = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes(0, 100_000));
        assertThat(get("GET", "/v2/library/app/blobs/" + first.digest()).body()).isEqualTo(bytes(0, 100_000));
    }

    @Test void anUpstreamThatLiesIsNotBelieved() throws Exception {
        var layer = image("library/app", "1", bytes(1, 1000));
        served.put("/v2/library/app/blobs/" + layer.digest(), bytes(2, 1000));
        assertThat(get("GET", "/v2/library/app/manifests/1").statusCode()).isEqualTo(200);
        assertThat(get("GET", "/v2/library/app/blobs/" + layer.digest()).statusCode()).isEqualTo(502);
        try (var files = Files.list(folder.resolve("cache/tmp"))) {
            assertThat(files).isEmpty();
        }
    }
}
