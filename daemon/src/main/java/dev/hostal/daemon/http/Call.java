package dev.hostal.daemon.http;

import dev.hostal.api.OperationV1;
import dev.hostal.api.Route;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/// One request and the reply to it. Used by the thread that answers it.
final class Call {
    /// Longest JSON body.
    static final int JSON_MAX = 1 << 20;
    /// How long a client may be silent in the middle of a request, of a reply, or between two. Chosen.
    static final int IDLE_MILLIS_MAX = 30_000;
    /// How long a JSON body may take to come. Chosen: it comes from the same host.
    private static final Duration BODY_WAIT_MAX = Duration.ofSeconds(30);

    private final Router.Match match;
    private final Query query;
    private final Request request;
    private final Response response;

    Call(Router.Match match, Request request, Response response) {
        this.match = match;
        this.request = request;
        this.response = response;
        var text = request.getHttpURI().getQuery();
        this.query = new Query(match.route(), text == null ? "" : text);
    }

    Route route() {
        return match.route();
    }

    Query query() {
        return query;
    }

    Request request() {
        return request;
    }

    Response response() {
        return response;
    }

    /// What stands at the place of a variable in the path.
    String value(String variable) {
        return match.values().get(variable);
    }

    // ---- the request's body

    /// @throws Problem BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE
    JsonObject body() throws IOException {
        contentType("application/json");
        if (request.getLength() > JSON_MAX) throw tooLarge();
        var bytes = new ByteArrayOutputStream();
        var deadline = Deadline.in(BODY_WAIT_MAX);
        var piece = new byte[16 << 10];
        var in = Content.Source.asInputStream(request);
        idle(IDLE_MILLIS_MAX);
        for (int count = read(in, piece); count >= 0; count = read(in, piece)) {
            bytes.write(piece, 0, count);
            if (bytes.size() > JSON_MAX) throw tooLarge();
            if (deadline.isPast()) throw tooSlow();
        }
        idle(0);
        try {
            return JsonObject.parse(StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray())).toString());
        } catch (CharacterCodingException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The body is not UTF-8.", e);
        }
    }

    /// The body as it comes, of any length.
    InputStream bytes(String... types) {
        contentType(types);
        return Content.Source.asInputStream(request);
    }

    /// Refuses a body that the route does not take, before anything is done.
    void noBody() {
        if (request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            throw new Problem(ErrorCode.BAD_REQUEST, "%s %s takes no body.".formatted(route().method(), route().path()));
        }
    }

    private void contentType(String... known) {
        var sent = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (sent == null) return;
        var type = sent.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!Set.of(known).contains(type)) {
            throw new Problem(ErrorCode.UNSUPPORTED_MEDIA_TYPE, """
                    The body is said to be '%s'; %s %s takes %s.
                    Maybe send the header 'Content-Type: %s'."""
                    .formatted(type, route().method(), route().path(), String.join(" or ", known), known[0]));
        }
    }

    /// Reads the body; what is wrong with it is the client's failure, not that of a driver.
    static int read(InputStream body, byte[] piece) {
        try {
            return body.read(piece);
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException) throw tooSlow();
            throw new Problem(ErrorCode.BAD_REQUEST, "The body could not be read to its end: %s.".formatted(e.getMessage()), e);
        }
    }

    private static Problem tooSlow() {
        return new Problem(ErrorCode.BAD_REQUEST, "The body did not come within %d seconds; nothing was done."
                .formatted(BODY_WAIT_MAX.toSeconds()));
    }

    private static Problem tooLarge() {
        return new Problem(ErrorCode.BODY_TOO_LARGE, "The body is longer than %d bytes; nothing was done."
                .formatted(JSON_MAX));
    }

    // ---- the reply

    void json(JsonObject body) throws IOException {
        reply(200, "application/json", (body.toText() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// 202, and where the operation can be looked at.
    void operation(OperationV1 operation) throws IOException {
        response.getHeaders().put(HttpHeader.LOCATION, "/v1/operations/" + operation.id());
        reply(202, "application/json", (operation.toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void nothing() throws IOException {
        response.setStatus(204);
        write(true, ByteBuffer.allocate(0));
    }

    void reply(int status, String type, byte[] body) throws IOException {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type).put(HttpHeader.CONTENT_LENGTH, body.length);
        idle(IDLE_MILLIS_MAX);
        write(true, ByteBuffer.wrap(body));
    }

    /// How long the connection may be silent before it is closed; 0 for ever, as while a guest is waited for.
    void idle(long millis) {
        request.getConnectionMetaData().getConnection().getEndPoint().setIdleTimeout(millis);
    }

    /// Begins a reply whose length nobody knows; [#write] goes on with it.
    void begin(String type) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type).put(HttpHeader.CACHE_CONTROL, "no-store");
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
}
