package dev.hostal.client;

import dev.hostal.api.Channels;
import dev.hostal.api.ErrorV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Requests by form: one with a JSON reply has a deadline, streams have none.
final class Requests {
    /// How long a reply that does not wait for a guest may take. Chosen: the longest, `doctor`, boots a stub.
    private static final Duration REPLY_MAX = Duration.ofMinutes(2);
    /// Longest JSON reply. Chosen: 10,000 instances are 10 MB.
    private static final int JSON_MAX = 64 << 20;
    private static final byte[] NO_BODY = {};
    /// The handshake's nonce and its answer, from RFC 6455, section 1.3. A nonce that is always the same is
    /// right here: it is against caches between client and server, and saves loading SHA-1 at each start.
    private static final String WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String WEBSOCKET_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final Path socket;
    private final String login;

    Requests(Path socket, Optional<RegistryLoginV1> login) {
        this.socket = socket;
        this.login = login.map(known -> RegistryLoginV1.HEADER + ": " + known.toHeader() + "\r\n").orElse("");
    }

    Requests with(RegistryLoginV1 other) {
        return new Requests(socket, Optional.of(other));
    }

    JsonObject json(String method, String target) throws IOException {
        return withDeadline(method, target, Optional.empty());
    }

    JsonObject json(String method, String target, JsonObject body) throws IOException {
        return withDeadline(method, target, Optional.of(body));
    }

    void nothing(String method, String target) throws IOException {
        withDeadline(method, target, Optional.empty());
    }

    /// The body of the reply, as it comes; closing it closes the connection.
    InputStream stream(String method, String target) throws IOException {
        var connection = HttpConnection.open(socket);
        try {
            return exchange(connection, method, target, Optional.empty());
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Sends a body of unknown length, however long that takes.
    ///
    /// @return the reply; an empty object where it has no body
    JsonObject upload(String method, String target, InputStream body) throws IOException {
        try (var connection = HttpConnection.open(socket)) {
            connection.send(method, target, "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n",
                    NO_BODY);
            var refused = sendChunks(connection, body);
            try {
                return readJson(accept(connection, connection.readHead()));
            } catch (ApiException e) {
                throw e;
            } catch (IOException e) {
                throw refused.orElse(e);
            }
        }
    }

    /// The same, with a reply that comes bit by bit; closing it closes the connection.
    InputStream uploadStream(String method, String target, String type, InputStream body) throws IOException {
        var connection = HttpConnection.open(socket);
        try {
            connection.send(method, target, "Content-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n" + login, NO_BODY);
            var refused = sendChunks(connection, body);
            try {
                return accept(connection, connection.readHead());
            } catch (ApiException e) {
                throw e;
            } catch (IOException e) {
                throw refused.orElse(e);
            }
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// @return why the body could not be sent; its reader's failures are thrown
    private static Optional<IOException> sendChunks(HttpConnection connection, InputStream body) throws IOException {
        var bytes = new byte[64 << 10];
        int count;
        do {
            count = body.read(bytes);
            try {
                // The chunk of no bytes ends the body.
                if (count != 0) connection.writeChunk(bytes, Math.max(0, count));
            } catch (IOException e) {
                // The daemon has answered before the end: its answer says why.
                return Optional.of(e);
            }
        } while (count >= 0);
        return Optional.empty();
    }

    WebSocketStreams upgrade(String target) throws IOException {
        var connection = HttpConnection.open(socket);
        try {
            connection.send("GET", target, """
                    Connection: Upgrade\r
                    Upgrade: websocket\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Key: %s\r
                    Sec-WebSocket-Protocol: %s\r
                    """.formatted(WEBSOCKET_KEY, Channels.PROTOCOL), NO_BODY);
            var head = connection.readHead();
            if (head.status() != 101) {
                accept(connection, head);
                throw new IOException("The daemon did not open a WebSocket, but answered " + head.status());
            }
            if (!head.header("sec-websocket-accept").equals(WEBSOCKET_ACCEPT)) {
                throw new IOException("The daemon's answer to the WebSocket's key is not that of RFC 6455");
            }
            return new WebSocketStreams(connection);
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private JsonObject withDeadline(String method, String target, Optional<JsonObject> body) throws IOException {
        try (var connection = HttpConnection.open(socket); var limit = new TimeLimit(connection, REPLY_MAX)) {
            try (var reply = exchange(connection, method, target, body)) {
                return readJson(reply);
            } catch (ApiException e) {
                throw e;
            } catch (IOException e) {
                if (!limit.isPast()) throw e;
                throw new IOException("The daemon did not answer %s %s within %d seconds."
                        .formatted(method, target, REPLY_MAX.toSeconds()), e);
            }
        }
    }

    private InputStream exchange(HttpConnection connection, String method, String target,
            Optional<JsonObject> body) throws IOException {
        var bytes = body.map(json -> json.toText().getBytes(StandardCharsets.UTF_8)).orElse(NO_BODY);
        // "Connection: close" is not sent, though it is closed: a reply would then end with the connection, and half
        // of one could not be told from a whole.
        var headers = body.isPresent()
                ? "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n" : "";
        connection.send(method, target, headers + login, bytes);
        return accept(connection, connection.readHead());
    }

    /// @return the body of a reply that is no error
    private static InputStream accept(HttpConnection connection, HttpConnection.Head head) throws IOException {
        var body = new HttpBody(connection, head);
        if (head.status() < 400) return body;
        var error = readJson(body);
        if (!error.has("code")) throw new IOException("The daemon answered %d without saying why.".formatted(head.status()));
        throw new ApiException(read(error, ErrorV1::from));
    }

    /// The JSON object in the body; an empty one where there is no body.
    static JsonObject readJson(InputStream body) throws IOException {
        var bytes = body.readNBytes(JSON_MAX + 1);
        if (bytes.length > JSON_MAX) throw new IOException("The daemon's answer is longer than " + JSON_MAX);
        if (bytes.length == 0) return new JsonObject();
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    static JsonObject parse(String text) throws IOException {
        return read(text, JsonObject::parse);
    }

    /// Reads what the daemon sent; what does not fit is an [IOException], as is all that goes wrong between the two.
    static <F, T> T read(F sent, Function<F, T> reader) throws IOException {
        try {
            return reader.apply(sent);
        } catch (JsonException e) {
            throw new IOException("""
                    The daemon's answer is not understood: %s.
                    Maybe it is of another version: hostal daemon status says which.""".formatted(e.getMessage()), e);
        }
    }

    static <T> List<T> readAll(JsonObject list, String member, Function<JsonObject, T> reader) throws IOException {
        return read(list, json -> json.objects(member).stream().map(reader).toList());
    }
}
