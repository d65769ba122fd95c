package dev.hostal.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hostal.model.Arch;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Serves one image of several layers as `app:1`, except for one request that it refuses.
final class FlakyRegistry implements AutoCloseable {
    private record Served(String mediaType, byte[] bytes) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Served> served = new HashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile int refused;

    /// @param layers plain tars, lowest first
    FlakyRegistry(List<byte[]> layers) throws IOException {
        var config = ImageConfig.of(Platform.of(Arch.X86_64), Instant.EPOCH, ExecutionConfig.EMPTY);
        var descriptors = new ArrayList<Descriptor>();
        for (var layer : layers) {
            descriptors.add(serve("/v2/app/blobs/", MediaTypes.OCI_LAYER, layer));
            config = config.withLayer(Digest.of(layer), "test");
        }
        var configBlob = serve("/v2/app/blobs/", MediaTypes.OCI_CONFIG, config.toBytes());
        var manifest = serve("/v2/app/manifests/", MediaTypes.OCI_MANIFEST,
                Manifest.of(configBlob, descriptors).toBytes());
        var index = Index.of(List.of(manifest.withPlatform(Platform.of(Arch.X86_64)))).toBytes();
        served.put("/v2/app/manifests/1", new Served(MediaTypes.OCI_INDEX, index));
        served.put("/v2/", new Served("application/json", "{}".getBytes()));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /// Counts anew; the request of that number, from 1, gets a 404.
    void refuse(int request) {
        refused = request;
        requests.set(0);
    }

    int requests() {
        return requests.get();
    }

    @Override public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private Descriptor serve(String path, String mediaType, byte[] bytes) {
        var descriptor = Descriptor.of(mediaType, bytes);
        served.put(path + descriptor.digest(), new Served(mediaType, bytes));
        return descriptor;
    }

    private void handle(HttpExchange exchange) throws IOException {
        var answer = served.get(exchange.getRequestURI().getPath());
        boolean refuses = requests.incrementAndGet() == refused;
        if (answer == null || refuses) {
            exchange.sendResponseHeaders(404, -1);
        } else {
            exchange.getResponseHeaders().set("Content-Type", answer.mediaType);
            exchange.sendResponseHeaders(200, answer.bytes.length);
            exchange.getResponseBody().write(answer.bytes);
        }
        exchange.close();
    }
}
