package dev.hostal.docker.grpc;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.util.Callback;

/// A connection over which the other side's services are called. Any thread may call.
public final class GrpcChannel implements AutoCloseable {
    /// How long the beginning of a call may take. Chosen.
    private static final int BEGIN_SECONDS_MAX = 30;

    private final Session session;
    private final Set<GrpcStream> calls = ConcurrentHashMap.newKeySet();
    private volatile boolean gone;

    GrpcChannel(Session session) {
        this.session = session;
    }

    /// A call begins.
    ///
    /// @param metadata by name, in lower case
    public GrpcStream open(String method, Map<String, List<String>> metadata) throws IOException, InterruptedException {
        if (!isOpen()) throw new GrpcException(GrpcStatus.UNAVAILABLE, "The client is gone.");
        var fields = HttpFields.build().put("te", "trailers").put("content-type", "application/grpc").put("user-agent", "hostal");
        metadata.forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
        var request = new MetaData.Request("POST", HttpURI.from("http://localhost" + method), HttpVersion.HTTP_2, fields);
        var call = new GrpcStream();
        try {
            call.opened(session.newStream(new HeadersFrame(request, null, false), call.events()).get(BEGIN_SECONDS_MAX,
                    TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            throw new GrpcException(GrpcStatus.UNAVAILABLE, "The client is gone.", e.getCause());
        } catch (TimeoutException e) {
            throw new GrpcException(GrpcStatus.DEADLINE_EXCEEDED, "The client does not answer.", e);
        }
        calls.add(call);
        calls.removeIf(other -> other.stream().isClosed());
        if (gone) call.gone(GrpcStatus.UNAVAILABLE, "The client is gone.");
        return call;
    }

    /// A call with one message each way.
    public byte[] call(String method, Map<String, List<String>> metadata, ProtoWriter request)
            throws IOException, InterruptedException {
        var call = open(method, metadata);
        try {
            call.writeOnly(request.toBytes());
            var reply = call.read();
            if (reply.isPresent()) call.read();
            return reply.orElseThrow(() -> new GrpcException(GrpcStatus.INTERNAL, "The client answered nothing."));
        } finally {
            call.cancel();
        }
    }

    public boolean isOpen() {
        return !gone && !session.isClosed();
    }

    /// The connection is no more.
    void gone() {
        gone = true;
        for (var call : calls) {
            call.gone(GrpcStatus.UNAVAILABLE, "The client is gone.");
        }
    }

    @Override public void close() {
        session.close(ErrorCode.NO_ERROR.code, "done", Callback.NOOP);
    }
}
