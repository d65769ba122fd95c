package dev.hostal.oci.registry;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hostal.base.Deadline;
import dev.hostal.login.DockerLogins;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// The way to one registry: found once, then used for every call. Retries what may pass, answers challenges,
/// follows redirects.
final class Connection implements AutoCloseable {
    /// Chosen: with doubled pauses the last attempt comes after some two seconds.
    private static final int ATTEMPTS_MAX = 4;
    /// Source: networkaddress.cache.ttl of the JDK: until then a name needs no lookup, which nothing could limit.
    private static final Duration REACHED_FOR = Duration.ofSeconds(30);
    private static final int REDIRECTS_MAX = 5;
    /// Chosen: a registry that asks for more patience is not asked again.
    private static final Duration RETRY_AFTER_MAX = Duration.ofSeconds(60);

    /// How often an upload is looked at. Chosen.
    private static final Duration UPLOAD_TICK = Duration.ofMillis(200);
    /// How much longer than a stall a registry may take to answer a whole upload: it reads all of it again.
    private static final int THINKING = 10;

    private final String registry;
    private final RegistryOptions options;
    private final HttpClient client;
    private final Authorization authorization;
    private URI base;
    private Deadline baseUntil = Deadline.in(Duration.ZERO);

    Connection(String registry, RegistryOptions options) throws IOException {
        this.registry = registry;
        this.options = options;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.waits().reach())
                .proxy(options.proxies())
                .sslContext(Trust.of(options, options.endpoint(registry)))
                .build();
        this.authorization = authorization(Who.HOST);
    }

    private Connection(Connection line, Who who) {
        this.registry = line.registry;
        this.options = line.options;
        this.client = line.client;
        this.authorization = authorization(who);
    }

    /// The same line for somebody else; ends with this one.
    Connection as(Who who) {
        return new Connection(this, who);
    }

    private Authorization authorization(Who who) {
        var docker = new DockerLogins(options.dockerConfig(), String.valueOf(System.getenv("PATH")));
        return new Authorization(registry, who.credentials(docker::find), options, this::askTokenService);
    }

    /// Sends the call, again where that may help.
    ///
    /// @return any reply but a passing failure; the caller closes its body
    /// @throws RegistryException UNREACHABLE after a few seconds at most, DENIED, FAILED, TIMED_OUT
    HttpResponse<InputStream> send(Call call, Deadline deadline) throws IOException, InterruptedException {
        var root = reach(deadline);
        for (int attempt = 1; ; attempt++) {
            var pause = options.waits().retryPause().multipliedBy(1L << attempt - 1);
            try {
                var response = authorized(call, root, deadline);
                pause = RetryAfter.of(response, pause);
                boolean again = isPassing(response.statusCode()) && attempt < ATTEMPTS_MAX && call.isRepeatable()
                        && pause.compareTo(RETRY_AFTER_MAX) <= 0 && pause.compareTo(deadline.left()) < 0;
                if (!again) return response;
                response.body().close();
            } catch (RegistryException e) {
                throw e;
            } catch (ConnectException | HttpConnectTimeoutException e) {
                forget();
                throw unreachable(Refusals.reason(e), e);
            } catch (IOException e) {
                if (deadline.isPast()) throw timedOut(e);
                if (attempt == ATTEMPTS_MAX || !call.isRead()) throw failed(e);
            }
            if (pause.compareTo(deadline.left()) >= 0) throw timedOut(null);
            Thread.sleep(pause);
        }
    }

    /// The body of a reply, guarded against standing still.
    InputStream guarded(HttpResponse<InputStream> response, Deadline deadline) {
        return new GuardedBody(response.body(), options.waits().stall(), deadline);
    }

    @Override public void close() {
        client.shutdownNow();
    }

    private HttpResponse<InputStream> authorized(Call call, URI root, Deadline deadline)
            throws IOException, InterruptedException {
        var known = authorization.find(call.scope()).orElse("");
        var response = redirected(call, root, known, deadline);
        if (response.statusCode() != 401) return response;
        var challenges = Challenge.parseAll(response.headers().allValues("WWW-Authenticate"));
        var challenge = Challenge.best(challenges);
        if (challenge.isEmpty()) return response;
        response.body().close();
        return redirected(call, root, authorization.answer(challenge.get(), call.scope(), deadline), deadline);
    }

    private HttpResponse<InputStream> redirected(Call call, URI root, String header, Deadline deadline)
            throws IOException, InterruptedException {
        var target = allowed(root, call.target());
        for (int hops = 0; hops <= REDIRECTS_MAX; hops++) {
            var request = HttpRequest.newBuilder(target).method(call.method(),
                    call.upload().map(Upload::publisher).orElseGet(HttpRequest.BodyPublishers::noBody));
            call.headers().forEach(request::header);
            // Elsewhere the credentials are nobody's business: a store of blobs gets a signed address.
            if (!header.isEmpty() && isSameOrigin(root, target)) request.header("Authorization", header);
            var response = call.upload().isPresent() ? upload(request, call.upload().get(), deadline)
                    : exchange(request, deadline);
            if (!call.isRead() || !isRedirect(response.statusCode())) return response;
            var location = response.headers().firstValue("Location").orElse("");
            response.body().close();
            target = allowed(target, location);
        }
        throw new RegistryException(Reason.FAILED, "registry %s redirects in circles".formatted(registry));
    }

    private URI allowed(URI from, String location) throws RegistryException {
        try {
            var target = from.resolve(location);
            if (isSameOrigin(from, target)) return target;
            boolean plain = "http".equals(target.getScheme());
            if ("https".equals(target.getScheme()) || plain && options.mayBePlain(target.getAuthority())) {
                return target;
            }
        } catch (IllegalArgumentException _) {
            // Falls through to the one message.
        }
        throw new RegistryException(Reason.FAILED,
                "registry %s points to an address that is not to be trusted".formatted(registry));
    }

    private HttpResponse<InputStream> exchange(HttpRequest.Builder request, Deadline deadline)
            throws IOException, InterruptedException {
        var wait = deadline.orIn(options.waits().stall()).left().plusMillis(1);
        return client.send(request.timeout(wait).header("User-Agent", "hostal").build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    /// The same with a body, which takes as long as it moves; the registry may then think about it for some time.
    private HttpResponse<InputStream> upload(HttpRequest.Builder request, Upload upload, Deadline deadline)
            throws IOException, InterruptedException {
        var reply = client.sendAsync(request.header("User-Agent", "hostal").build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try {
            while (true) {
                try {
                    return reply.get(Math.min(UPLOAD_TICK.toMillis(), deadline.millisLeft() + 1), MILLISECONDS);
                } catch (TimeoutException _) {
                    var patience = options.waits().stall().multipliedBy(upload.isWhole() ? THINKING : 1);
                    if (deadline.isPast()) throw new HttpTimeoutException("time ran out");
                    if (upload.silentNanos() > patience.toNanos()) {
                        throw new HttpTimeoutException("no bytes were taken for %d s".formatted(patience.toSeconds()));
                    }
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } finally {
            reply.cancel(true);
        }
    }

    private byte[] askTokenService(HttpRequest.Builder request, int bytesMax, Deadline deadline)
            throws IOException, InterruptedException {
        var response = exchange(request, deadline);
        try (var body = guarded(response, deadline)) {
            if (response.statusCode() == 200) return body.readNBytes(bytesMax);
            var denied = List.of(400, 401, 403).contains(response.statusCode());
            throw new RegistryException(denied ? Reason.DENIED : Reason.FAILED,
                    "the token service of registry %s refuses: %s".formatted(registry, Refusals.text(
                            response.statusCode(), body)));
        }
    }

    // ---- finding the way

    /// The registry's address, found by asking for `/v2/`. Not being able to is told after a few seconds: looking up a name
    /// alone may take the system a minute, in a call that nothing interrupts, so it is left behind on a thread.
    private synchronized URI reach(Deadline deadline) throws IOException, InterruptedException {
        if (base != null && !baseUntil.isPast()) return base;
        var limit = deadline.orIn(options.waits().reach());
        var found = new CompletableFuture<URI>();
        var finder = Thread.ofPlatform().daemon().name("reach-" + registry).start(() -> {
            try {
                found.complete(find(limit));
            } catch (IOException | InterruptedException | RuntimeException e) {
                found.completeExceptionally(e);
            }
        });
        try {
            base = found.get(limit.millisLeft(), MILLISECONDS);
            baseUntil = Deadline.in(REACHED_FOR);
            return base;
        } catch (TimeoutException e) {
            throw unreachable("no answer in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RegistryException known) throw known;
            throw unreachable(Refusals.reason(e.getCause()), e.getCause());
        } finally {
            finder.interrupt();
        }
    }

    private synchronized void forget() {
        baseUntil = Deadline.in(Duration.ZERO);
    }

    private URI find(Deadline deadline) throws IOException, InterruptedException {
        var host = options.endpoint(registry);
        var encrypted = URI.create("https://" + host);
        if (!options.mayBePlain(host)) return probe(encrypted, deadline);
        var plain = URI.create("http://" + host);
        try {
            // A server that wants TLS answers 400 to a plain request.
            var response = exchange(HttpRequest.newBuilder(plain.resolve("/v2/")), deadline);
            response.body().close();
            if (response.statusCode() == 200 || response.statusCode() == 401) return plain;
        } catch (HttpTimeoutException e) {
            throw e;
        } catch (IOException plainFailure) {
            try {
                return probe(encrypted, deadline);
            } catch (IOException _) {
                throw plainFailure;
            }
        }
        return probe(encrypted, deadline);
    }

    private URI probe(URI root, Deadline deadline) throws IOException, InterruptedException {
        var response = exchange(HttpRequest.newBuilder(root.resolve("/v2/")), deadline);
        response.body().close();
        return root;
    }

    private RegistryException unreachable(String why, Throwable cause) {
        return new RegistryException(Reason.UNREACHABLE,
                "registry %s cannot be reached: %s".formatted(registry, why), cause);
    }

    private RegistryException failed(IOException cause) {
        return new RegistryException(Reason.FAILED,
                "registry %s fails: %s".formatted(registry, Refusals.reason(cause)), cause);
    }

    private RegistryException timedOut(IOException cause) {
        return new RegistryException(Reason.TIMED_OUT,
                "time ran out while registry %s was asked".formatted(registry), cause);
    }

    // ---- small judgements

    private static boolean isPassing(int status) {
        return status == 429 || status >= 500;
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static boolean isSameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme())
                && String.valueOf(one.getAuthority()).equals(other.getAuthority());
    }
}
