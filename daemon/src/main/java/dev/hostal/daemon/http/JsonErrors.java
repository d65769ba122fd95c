package dev.hostal.daemon.http;

import dev.hostal.api.ErrorV1;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/// Errors that Jetty finds before a route is looked for, such as a request that is not HTTP, said as all others are.
final class JsonErrors extends ErrorHandler {
    private static final HttpField TYPE = new HttpField(HttpHeader.CONTENT_TYPE, "application/json");

    @Override public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus() >= 400 ? response.getStatus() : 500;
        var said = request.getAttribute(ERROR_MESSAGE);
        var message = said == null ? HttpStatus.getMessage(status) : said.toString();
        // 501 and 505 are about what was asked, too: a method or a version that nobody knows.
        boolean asked = status < 500 || status == 501 || status == 505;
        var body = new ErrorV1(asked ? "BAD_REQUEST" : "INTERNAL",
                (asked ? "The request is not HTTP as it should be: " : "The daemon failed: ") + message + ".",
                Optional.empty());
        response.setStatus(status);
        response.getHeaders().put(TYPE);
        response.write(true, bytes(body), callback);
        return true;
    }

    private static ByteBuffer bytes(ErrorV1 body) {
        return ByteBuffer.wrap((body.toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
