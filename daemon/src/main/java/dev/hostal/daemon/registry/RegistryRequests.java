package dev.hostal.daemon.registry;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.image.PullThrough;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.Digest;
import dev.hostal.oci.registry.RegistryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// The reading half of the OCI distribution-spec: `GET` and `HEAD` of manifests and blobs, with ranges of blobs.
final class RegistryRequests extends Handler.Abstract {
    private static final System.Logger LOG = System.getLogger("dev.hostal.daemon");
    /// How long one request may take. Chosen: a blob of some gibibytes over a slow line.
    private static final Duration REQUEST_MAX = Duration.ofHours(1);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");

    private final PullThrough cache;

    RegistryRequests(PullThrough cache) {
        super(InvocationType.BLOCKING);
        this.cache = cache;
    }

    @Override public boolean handle(Request request, Response response, Callback callback) {
        try {
            response.getHeaders().put("Docker-Distribution-API-Version", "registry/2.0");
            answer(request, response);
            callback.succeeded();
        } catch (Throwable thrown) {
            // The top of the request's thread: whatever it was, the one who asked is told.
            if (response.isCommitted()) callback.failed(thrown);
            else refuse(thrown, request, response, callback);
        }
        return true;
    }

    private void answer(Request request, Response response) throws IOException, InterruptedException {
        var path = Request.getPathInContext(request);
        if (!List.of("GET", "HEAD").contains(request.getMethod())) {
            throw new Refusal(405, "UNSUPPORTED", "this registry is a cache: it is read only");
        }
        if (path.equals("/v2") || path.equals("/v2/")) {
            reply(request, response, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        var parameters = Request.extractQueryParameters(request);
        var name = RegistryName.parse(path, Optional.ofNullable(parameters.getValue("ns")))
                .orElseThrow(() -> new Refusal(404, "NAME_UNKNOWN", "there is nothing at this path"));
        var deadline = Deadline.in(REQUEST_MAX);
        if (name.kind().equals("manifests")) manifest(name, request, response, deadline);
        else blob(name, request, response, deadline);
    }

    private void manifest(RegistryName name, Request request, Response response, Deadline deadline)
            throws IOException, InterruptedException {
        var document = cache.manifest(name.repository(), deadline);
        response.getHeaders().put("Docker-Content-Digest", document.descriptor().digest().value());
        reply(request, response, document.descriptor().mediaType(), document.bytes());
    }

    private void blob(RegistryName name, Request request, Response response, Deadline deadline)
            throws IOException, InterruptedException {
        if (!name.wanted().matches("sha256:[0-9a-f]{64}")) throw new Refusal(400, "DIGEST_INVALID", "that is no digest");
        var digest = new Digest(name.wanted());
        response.getHeaders().put("Docker-Content-Digest", digest.value()).put(HttpHeader.ACCEPT_RANGES, "bytes")
                .put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
        if (request.getMethod().equals("HEAD")) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, cache.describe(name.repository(), digest, deadline).size());
            Content.Sink.write(response, true, ByteBuffer.allocate(0));
            return;
        }
        // While it is fetched nothing moves on this connection.
        request.getConnectionMetaData().getConnection().getEndPoint().setIdleTimeout(REQUEST_MAX.toMillis());
        try {
            send(cache.blob(name.repository(), digest, deadline), request, response);
        } catch (NoSuchFileException dropped) {
            // To make room, this moment.
            send(cache.blob(name.repository(), digest, deadline), request, response);
        }
    }

    private static void send(PullThrough.Content content, Request request, Response response) throws IOException {
        long size = content.blob().size();
        long from = 0;
        long to = size - 1;
        var range = range(request);
        if (range.isPresent()) {
            from = Long.parseLong(range.get().group(1));
            if (range.get().group(2) != null) to = Math.min(to, Long.parseLong(range.get().group(2)));
            if (from >= size || to < from) {
                response.getHeaders().put("Content-Range", "bytes */" + size);
                throw new Refusal(416, "SIZE_INVALID", "the blob has %d bytes".formatted(size));
            }
        }
        try (var in = content.open(from)) {
            response.setStatus(range.isPresent() ? 206 : 200);
            if (range.isPresent()) response.getHeaders().put("Content-Range", "bytes %d-%d/%d".formatted(from, to, size));
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, to - from + 1);
            var buffer = new byte[64 << 10];
            long left = to - from + 1;
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) throw new IOException("the blob ended early");
                left -= count;
                Content.Sink.write(response, left == 0, ByteBuffer.wrap(buffer, 0, count));
            }
            if (to - from + 1 == 0) Content.Sink.write(response, true, ByteBuffer.allocate(0));
        }
    }

    /// One range; whoever asks for several gets the whole.
    private static Optional<Matcher> range(Request request) {
        var header = request.getHeaders().get(HttpHeader.RANGE);
        if (header == null) return Optional.empty();
        var matcher = RANGE.matcher(header.strip());
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    private static void reply(Request request, Response response, String type, byte[] body) throws IOException {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type).put(HttpHeader.CONTENT_LENGTH, body.length);
        boolean head = request.getMethod().equals("HEAD");
        Content.Sink.write(response, true, head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body));
    }

    // ---- refusals

    /// What the caller is told. Source: OCI distribution-spec, "Error Codes".
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final String code;

        Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    private static void refuse(Throwable thrown, Request request, Response response, Callback callback) {
        var refusal = switch (thrown) {
            case Refusal known -> known;
            case RegistryException registry -> of(registry);
            case Problem problem -> new Refusal(500, "UNKNOWN", problem.getMessage());
            default -> {
                LOG.log(System.Logger.Level.WARNING, "registry.failed path=" + Request.getPathInContext(request), thrown);
                yield new Refusal(500, "UNKNOWN", "the cache failed: " + thrown.getClass().getSimpleName());
            }
        };
        var error = new JsonObject().put("code", refusal.code).put("message", String.valueOf(refusal.getMessage()));
        var body = new JsonObject().putObjects("errors", List.of(error)).toText().getBytes(StandardCharsets.UTF_8);
        response.setStatus(refusal.status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json").put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, request.getMethod().equals("HEAD") ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body), callback);
    }

    private static Refusal of(RegistryException failure) {
        return switch (failure.reason()) {
            // Nobody in particular is not allowed what is not public: the same as not there.
            case NOT_FOUND, DENIED -> new Refusal(404, "NAME_UNKNOWN", failure.getMessage());
            case UNREACHABLE, FAILED -> new Refusal(502, "UNAVAILABLE", failure.getMessage());
            case TIMED_OUT -> new Refusal(504, "UNAVAILABLE", failure.getMessage());
        };
    }
}
