package dev.hostal.docker.grpc;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;

/// Answers the calls that come in over one connection.
final class GrpcServer implements ServerSessionListener {
    private static final System.Logger LOG = System.getLogger("dev.hostal.docker");

    private final Map<String, GrpcMethod> methods;

    GrpcServer(Map<String, GrpcMethod> methods) {
        this.methods = methods;
    }

    @Override public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
        var path = ((MetaData.Request) frame.getMetaData()).getHttpURI().getPath();
        var thread = new AtomicReference<Thread>();
        var call = new GrpcStream(stream, frame.getMetaData().getHttpFields(), () -> {
            var answering = thread.getAndSet(null);
            if (answering != null) answering.interrupt();
        });
        thread.set(Thread.ofVirtual().name("grpc").unstarted(() -> answer(path, call, thread)));
        var answering = thread.get();
        answering.start();
        return call.events();
    }

    private void answer(String path, GrpcStream call, AtomicReference<Thread> thread) {
        var status = GrpcStatus.OK;
        var message = "";
        try {
            call.head(new HeadersFrame(call.stream().getId(), new MetaData.Response(200, null, HttpVersion.HTTP_2,
                    HttpFields.build().put("content-type", "application/grpc").asImmutable()), null, false));
            var method = methods.get(path);
            if (method == null) throw new GrpcException(GrpcStatus.UNIMPLEMENTED, "unknown method " + path);
            method.answer(call);
        } catch (GrpcException e) {
            status = e.status();
            message = e.getMessage();
        } catch (InterruptedException _) {
            status = GrpcStatus.CANCELLED;
            message = "the call was given up";
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "grpc.broke " + path, e);
            status = GrpcStatus.INTERNAL;
            message = "a fault of Hostal's own was met: " + e;
        }
        // From here on nobody is interrupted: the end must get out.
        thread.set(null);
        Thread.interrupted();
        end(call, status, message);
    }

    private static void end(GrpcStream call, GrpcStatus status, String message) {
        var trailers = HttpFields.build().put("grpc-status", Integer.toString(status.code()));
        if (!message.isEmpty()) trailers.put("grpc-message", GrpcWords.encode(message));
        try {
            call.head(new HeadersFrame(call.stream().getId(), new MetaData(HttpVersion.HTTP_2, trailers.asImmutable()),
                    null, true));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "grpc.gone", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
