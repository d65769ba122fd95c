package dev.hostal.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.NoSuchElementException;
import javax.net.ssl.SSLException;

/// What went wrong, in a few words for people.
final class Refusals {
    private static final int BODY_MAX = 8 << 10;
    private static final int TEXT_MAX = 200;

    private Refusals() {}

    /// A reply that is an error. Source: OCI distribution-spec, "Error Codes".
    static String text(int status, InputStream body) throws IOException {
        var text = "HTTP status " + status;
        try {
            var json = JsonObject.parse(new String(body.readNBytes(BODY_MAX), UTF_8));
            var error = json.objects("errors").getFirst();
            var message = error.findText("message").or(() -> error.findText("code")).orElse("");
            return message.isEmpty() ? text : text + ", " + shown(message);
        } catch (JsonException | NoSuchElementException _) {
            return text;           // Not every error has a body of that form.
        }
    }

    /// A connection that did not come about, or broke.
    static String reason(Throwable failure) {
        boolean refused = false;
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return "its name is not known";
            }
            if (cause instanceof HttpTimeoutException) return "no answer in time";
            if (cause instanceof SSLException) return "TLS: " + shown(String.valueOf(cause.getMessage()));
            refused |= cause instanceof ConnectException;
        }
        if (refused) return "the connection is refused";
        var message = failure.getMessage();
        return message == null || message.isEmpty() ? failure.getClass().getSimpleName() : shown(message);
    }

    private static String shown(String text) {
        var clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.length() > TEXT_MAX ? clean.substring(0, TEXT_MAX) + "..." : clean;
    }
}
