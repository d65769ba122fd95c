package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What to send as `Authorization` to one registry: found by answering its challenges, kept until it expires.
///
/// Source: Docker registry, "Token Authentication Specification" and "OAuth2 Token Authentication".
final class Authorization {
    private static final int REPLY_MAX = 256 << 10;
    /// Source: Docker registry, "Token Authentication Specification": the least that a token is good for.
    private static final Duration LIFE_MIN = Duration.ofSeconds(60);

    /// Sends a request to a token service. Its own type so that it can be tried without one.
    interface Exchange {
        /// @return the body of a reply with status 200
        /// @throws RegistryException DENIED for 400, 401 and 403
        byte[] send(HttpRequest.Builder request, int bytesMax, Deadline deadline)
                throws IOException, InterruptedException;
    }

    private record Header(String value, Deadline until) {}

    private final String registry;
    private final CredentialSource credentials;
    private final Exchange exchange;
    private final RegistryOptions options;
    private final Map<String, Header> headers = new ConcurrentHashMap<>();

    Authorization(String registry, CredentialSource credentials, RegistryOptions options, Exchange exchange) {
        this.registry = registry;
        this.credentials = credentials;
        this.options = options;
        this.exchange = exchange;
    }

    /// What was found before for that scope and still holds.
    Optional<String> find(String scope) {
        return Optional.ofNullable(headers.get(scope)).filter(header -> !header.until.isPast()).map(Header::value);
    }

    /// Answers a challenge.
    ///
    /// @param scope what is wanted, such as `repository:library/debian:pull`
    /// @throws RegistryException DENIED where no credential is known or the known one is refused
    String answer(Challenge challenge, String scope, Deadline deadline) throws IOException, InterruptedException {
        headers.remove(scope);
        var credential = credentials.find(registry).map(Credential::of);
        var header = switch (challenge.scheme()) {
            case "basic" -> new Header(basic(credential), Deadline.in(Duration.ofHours(1)));
            case "bearer" -> token(challenge, scope, credential, deadline);
            default -> throw new IllegalStateException("only basic and bearer are chosen");
        };
        headers.put(scope, header);
        return header.value;
    }

    private String basic(Optional<Credential> credential) throws RegistryException {
        if (credential.isPresent() && credential.get() instanceof Credential.Password password) {
            return password.toBasic();
        }
        throw new RegistryException(Reason.DENIED,
                "registry %s wants a name and a password, and none are known".formatted(registry));
    }

    private Header token(Challenge challenge, String scope, Optional<Credential> credential, Deadline deadline)
            throws IOException, InterruptedException {
        var realm = realm(challenge);
        var service = challenge.parameter("service").orElse(registry);
        var request = request(realm, service, challenge.parameter("scope").orElse(scope), credential);
        var reply = new String(exchange.send(request, REPLY_MAX, deadline), UTF_8);
        try {
            var json = JsonObject.parse(reply);
            var token = json.findText("token").or(() -> json.findText("access_token"));
            if (token.isEmpty()) throw new JsonException("token", "is missing");
            var life = Duration.ofSeconds(json.integer("expires_in", 0, Integer.MAX_VALUE, LIFE_MIN.toSeconds()));
            // A tenth early: the request that carries it takes its time too.
            var until = Deadline.in(life.compareTo(LIFE_MIN) < 0 ? LIFE_MIN : life.multipliedBy(9).dividedBy(10));
            return new Header("Bearer " + token.get(), until);
        } catch (JsonException e) {
            throw new RegistryException(Reason.FAILED,
                    "the token service of registry %s answered no token: %s".formatted(registry, e.getMessage()), e);
        }
    }

    private URI realm(Challenge challenge) throws RegistryException {
        try {
            var realm = URI.create(challenge.parameter("realm").orElse(""));
            boolean trusted = "https".equals(realm.getScheme())
                    || "http".equals(realm.getScheme()) && options.mayBePlain(String.valueOf(realm.getAuthority()));
            if (realm.getHost() != null && trusted) return realm;
        } catch (IllegalArgumentException _) {
            // Falls through to the one message.
        }
        throw new RegistryException(Reason.FAILED,
                "registry %s names no token service that can be trusted".formatted(registry));
    }

    private static HttpRequest.Builder request(URI realm, String service, String scope,
            Optional<Credential> credential) {
        if (credential.isPresent() && credential.get() instanceof Credential.IdentityToken identity) {
            var form = "grant_type=refresh_token&client_id=hostal&service=" + encoded(service)
                    + "&scope=" + encoded(scope) + "&refresh_token=" + encoded(identity.token());
            return HttpRequest.newBuilder(realm)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form));
        }
        var query = new StringBuilder("service=").append(encoded(service));
        for (var one : scope.split(" ")) {
            if (!one.isEmpty()) query.append("&scope=").append(encoded(one));
        }
        var separator = realm.getRawQuery() == null ? "?" : "&";
        var request = HttpRequest.newBuilder(URI.create(realm + separator + query)).GET();
        if (credential.isPresent() && credential.get() instanceof Credential.Password password) {
            request.header("Authorization", password.toBasic());
        }
        return request;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
