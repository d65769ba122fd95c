package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hostal.oci.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A registry on a loopback port that serves what it is told to, in the way it is told to.
final class FakeRegistry implements AutoCloseable {
    /// Answers one request.
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /// What was asked, in order: method, path, and the headers that matter.
    record Asked(String line, String authorization, String range) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    final List<Asked> asked = new CopyOnWriteArrayList<>();

    FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        on("/v2/", exchange -> reply(exchange, 200, "{}"));
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    void on(String path, Answer answer) {
        answers.put(path, answer);
    }

    void manifest(String repository, String name, String mediaType, byte[] document) {
        Answer answer = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", mediaType);
            reply(exchange, 200, document);
        };
        on("/v2/" + repository + "/manifests/" + name, answer);
        on("/v2/" + repository + "/manifests/" + Digest.of(document), answer);
    }

    List<String> lines() {
        return asked.stream().map(Asked::line).toList();
    }

    static void reply(HttpExchange exchange, int status, String body) throws IOException {
        reply(exchange, status, body.getBytes(UTF_8));
    }

    static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /// Promises `length` bytes, sends fewer and hangs up.
    static void cutOff(HttpExchange exchange, int status, int length, byte[] sent) throws IOException {
        exchange.sendResponseHeaders(status, length);
        exchange.getResponseBody().write(sent);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    @Override public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        var path = exchange.getRequestURI().getPath();
        asked.add(new Asked(exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                String.valueOf(headers.getFirst("Authorization")), String.valueOf(headers.getFirst("Range"))));
        var answer = answers.get(path);
        if (answer == null) {
            reply(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no such thing\"}]}");
        } else {
            answer.to(exchange);
        }
    }
}
