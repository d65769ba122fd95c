package dev.hostal.daemon.http;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Every request comes through here: who asks, which route, its endpoint, and what becomes of failures.
final class Requests extends Handler.Abstract {
    private final Router router;
    private final Peers.Rule rule;
    private final Map<String, Endpoint> endpoints;
    private final Metrics metrics;

    Requests(Router router, Peers.Rule rule, Map<String, Endpoint> endpoints, Metrics metrics) {
        super(InvocationType.BLOCKING);
        this.router = router;
        this.rule = rule;
        this.endpoints = endpoints;
        this.metrics = metrics;
    }

    @Override public boolean handle(Request request, Response response, Callback callback) {
        long began = System.nanoTime();
        var routeName = "none";
        try {
            rule.objection(request).ifPresent(who -> {
                throw new Problem(ErrorCode.FORBIDDEN, "This daemon serves root, its own user and its group, not %s."
                        .formatted(who));
            });
            var match = router.match(request.getMethod(), request.getHttpURI().getPath());
            routeName = match.route().name();
            answer(new Call(match, request, response), endpoints.get(routeName), callback);
        } catch (Throwable thrown) {
            // The top of the request's thread: whatever it was, the one who asked is told.
            refuse(thrown, request, response, callback);
        }
        metrics.count(routeName, response.getStatus(), System.nanoTime() - began);
        return true;
    }

    private static void answer(Call call, Endpoint endpoint, Callback callback)
            throws IOException, InterruptedException, TimeoutException {
        if (endpoint instanceof Upgrade upgrade) {
            upgrade.begin(call, callback);
            return;
        }
        // An endpoint may wait for a guest as long as it likes, and a stream may be silent.
        call.idle(0);
        endpoint.answer(call);
        call.idle(Call.IDLE_MILLIS_MAX);
        callback.succeeded();
    }

    private void refuse(Throwable thrown, Request request, Response response, Callback callback) {
        if (Failures.isGone(thrown) || response.isCommitted()) {
            // Half a reply was sent: only breaking the connection tells that it is not whole.
            callback.failed(thrown);
            return;
        }
        var problem = Failures.problemOf(thrown, request.getMethod() + " " + request.getHttpURI().getPath());
        var body = (Failures.body(problem).toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8);
        response.getHeaders().clear();
        if (problem.code() == ErrorCode.METHOD_NOT_ALLOWED) {
            response.getHeaders().put(HttpHeader.ALLOW,
                    String.join(", ", router.methods(request.getHttpURI().getPath())));
        }
        response.setStatus(problem.code().httpStatus());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json")
                .put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
