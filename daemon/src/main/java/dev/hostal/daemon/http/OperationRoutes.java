package dev.hostal.daemon.http;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.Map;

/// `/v1/operations`.
final class OperationRoutes {
    private final EngineSource engines;
    private final Sockets sockets;

    OperationRoutes(EngineSource engines, Sockets sockets) {
        this.engines = engines;
        this.sockets = sockets;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("operations", this::list, "operation", this::show, "operationEvents", this::events,
                "operationCancel", this::cancel);
    }

    private void list(Call call) throws IOException, InterruptedException {
        call.json(new JsonObject().putObjects("operations", engines.get().operations().list().stream()
                .map(operation -> ToWire.operation(operation).toJson()).toList()));
    }

    private void show(Call call) throws IOException, InterruptedException {
        call.json(ToWire.operation(find(call)).toJson());
    }

    private void events(Call call) throws IOException, InterruptedException {
        var seen = find(call);
        try (var _ = sockets.attendance().enter()) {
            var stream = new EventStream(call);
            int id = 0;
            stream.send(String.valueOf(id), ToWire.operation(seen).toJson());
            while (!seen.status().isFinal()) {
                var now = engines.get().operations().waitForChange(seen, Deadline.in(sockets.heartbeat()));
                if (now.equals(seen)) {
                    stream.heartbeat();
                } else {
                    stream.send(String.valueOf(++id), ToWire.operation(now).toJson());
                    seen = now;
                }
            }
            stream.end();
        }
    }

    private void cancel(Call call) throws IOException, InterruptedException {
        call.noBody();
        engines.get().operations().cancel(find(call).id());
        call.nothing();
    }

    private Operation find(Call call) throws InterruptedException {
        var id = call.value("ref");
        return engines.get().operations().find(id).orElseThrow(() -> new Problem(ErrorCode.OPERATION_NOT_FOUND,
                "There is no operation '%s': it never was, or it ended long ago.".formatted(id)));
    }
}
