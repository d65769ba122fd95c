package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// One request and the reply to it. Used by the thread that answers it.
final class Exchange {
    /// Longest JSON body. Chosen: a container with thousands of variables has some 100 KiB.
    static final int JSON_MAX = 4 << 20;
    /// How long a client may be silent in the middle of a request or between two. Chosen.
    static final int IDLE_MILLIS_MAX = 300_000;
    /// Most query parameters. Chosen.
    private static final int PARAMETERS_MAX = 1000;

    private final Request request;
    private final Response response;
    private final Map<String, String> values;
    private final Callback callback;
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final int minor;
    private boolean hijacked;

    Exchange(Request request, Response response, Map<String, String> values, int minor, Callback callback) {
        this.minor = minor;
        this.request = request;
        this.response = response;
        this.values = values;
        this.callback = callback;
        parse(Optional.ofNullable(request.getHttpURI().getQuery()).orElse(""));
    }

    private void parse(String text) {
        int count = 0;
        for (var pair : text.split("&")) {
            if (pair.isEmpty()) continue;
            if (++count > PARAMETERS_MAX) throw new Refusal(400, "more than %d query parameters".formatted(PARAMETERS_MAX));
            int equals = pair.indexOf('=');
            query.computeIfAbsent(decode(equals < 0 ? pair : pair.substring(0, equals)), _ -> new ArrayList<>())
                    .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "invalid query: " + e.getMessage());
        }
    }

    /// Of the API's version that the client speaks, `41` of `1.41`.
    int minor() {
        return minor;
    }

    Request request() {
        return request;
    }

    Response response() {
        return response;
    }

    Callback callback() {
        return callback;
    }

    /// What stands at the place of a variable in the path.
    String value(String variable) {
        return values.get(variable);
    }

    // ---- the query

    /// The parameter's value; empty where it is absent or has none.
    Optional<String> text(String name) {
        return Optional.ofNullable(query.get(name)).map(List::getFirst).filter(value -> !value.isEmpty());
    }

    List<String> texts(String name) {
        return query.getOrDefault(name, List.of());
    }

    /// As dockerd takes it: absent, empty, `0`, `no`, `false` and `none` are false, all else is true.
    boolean flag(String name) {
        return flag(name, false);
    }

    boolean flag(String name, boolean otherwise) {
        if (!query.containsKey(name)) return otherwise;
        var value = query.get(name).getFirst().strip().toLowerCase(Locale.ROOT);
        return !List.of("", "0", "no", "false", "none").contains(value);
    }

    Optional<Long> number(String name) {
        return text(name).map(value -> {
            try {
                return Long.parseLong(value.strip());
            } catch (NumberFormatException e) {
                throw new Refusal(400, "invalid value for %s: '%s' is not a whole number".formatted(name, value));
            }
        });
    }

    // ---- the request's body

    /// The JSON object of the body; an empty one where there is no body.
    JsonObject body() throws IOException {
        var text = bodyText();
        if (text.isBlank()) return new JsonObject();
        return switch (Json.parse(text)) {
            case Json.Obj(var object) -> object;
            case Json.Null _ -> new JsonObject();
            case Json other -> throw new Refusal(400, "the body must be an object, is " + other.kind());
        };
    }

    private String bodyText() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var piece = new byte[16 << 10];
        var in = bytes();
        idle(IDLE_MILLIS_MAX);
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            bytes.write(piece, 0, count);
            if (bytes.size() > JSON_MAX) throw new Refusal(413, "the body is longer than %d bytes".formatted(JSON_MAX));
        }
        idle(0);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// The body as it comes, of any length.
    InputStream bytes() {
        return Content.Source.asInputStream(request);
    }

    // ---- the reply

    void json(int status, JsonObject body) throws IOException {
        json(status, Json.of(body));
    }

    void json(int status, Json body) throws IOException {
        reply(status, "application/json", (body.toText() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void objects(List<JsonObject> all) throws IOException {
        json(200, new Json.Array(all.stream().map(Json::of).toList()));
    }

    /// An array of what is JSON already.
    void texts(List<String> all) throws IOException {
        reply(200, "application/json", ("[" + String.join(",", all) + "]\n").getBytes(StandardCharsets.UTF_8));
    }

    /// A status without a body.
    void status(int status) throws IOException {
        response.setStatus(status);
        write(true, ByteBuffer.allocate(0));
    }

    void reply(int status, String type, byte[] body) throws IOException {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type).put(HttpHeader.CONTENT_LENGTH, body.length);
        write(true, request.getMethod().equals("HEAD") ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body));
    }

    /// How long the connection may be silent before it is closed; 0 for ever.
    void idle(long millis) {
        request.getConnectionMetaData().getConnection().getEndPoint().setIdleTimeout(millis);
    }

    /// Begins a reply whose length nobody knows, and sends its head at once.
    void begin(String type) throws IOException {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        write(false, ByteBuffer.allocate(0));
    }

    /// Sends these bytes now; blocks as long as the client does not read.
    ///
    /// @throws ClientGone nobody reads them
    void write(boolean last, ByteBuffer bytes) throws ClientGone {
        try {
            Content.Sink.write(response, last, bytes);
        } catch (IOException e) {
            throw new ClientGone(e);
        }
    }

    void line(JsonObject object) throws ClientGone {
        write(false, ByteBuffer.wrap((object.toText() + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    void end() throws ClientGone {
        write(true, ByteBuffer.allocate(0));
    }

    boolean isHijacked() {
        return hijacked;
    }

    /// From now on the connection belongs to somebody else.
    void hijacked() {
        hijacked = true;
    }
}
