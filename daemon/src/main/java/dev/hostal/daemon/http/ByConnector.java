package dev.hostal.daemon.http;

import dev.hostal.docker.DockerApi;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Gives each request to the face whose socket it came by.
final class ByConnector extends Handler.Sequence {
    private final Connector dockers;
    private final Peers.Rule rule;
    private final DockerApi docker;
    private final Requests others;

    ByConnector(Connector dockers, Peers.Rule rule, DockerApi docker, Requests others) {
        super(docker, others);
        this.dockers = dockers;
        this.rule = rule;
        this.docker = docker;
        this.others = others;
    }

    @Override public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (request.getConnectionMetaData().getConnector() != dockers) return others.handle(request, response, callback);
        var objection = rule.objection(request);
        if (objection.isEmpty()) {
            // What was looked at first ([BlankHosts]) is answered by one of the few threads that must not block.
            if (Thread.currentThread().isVirtual()) return docker.handle(request, response, callback);
            Thread.ofVirtual().name("request-first").start(() -> docker.handle(request, response, callback));
            return true;
        }
        Response.writeError(request, response, callback, 403, "This daemon serves root, its own user and its group, not "
                + objection.get() + ".");
        return true;
    }
}
