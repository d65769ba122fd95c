package dev.hostal.qmp;

import dev.hostal.base.Bytes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// A command of the monitor, with the type of what it returns. Commands of which only the success matters
/// return [Nothing].
///
/// @param <R> what QEMU's reply is read into
public sealed interface QmpCommand<R> {
    /// The empty object of QEMU's reply to a command that returns nothing.
    record Nothing() {}

    /// A command whose reply carries nothing.
    sealed interface Plain extends QmpCommand<Nothing> {
        @Override default Nothing result(Json returned) {
            return new Nothing();
        }
    }

    /// The command's name on the wire.
    String execute();

    /// Its arguments, with QEMU's spelling.
    default JsonObject arguments() {
        return new JsonObject();
    }

    /// Reads the `return` member of QEMU's reply.
    ///
    /// @throws JsonException a member is missing or of another type
    R result(Json returned);

    /// Leaves the negotiation mode; the first command of every connection. Source: qapi/control.json.
    record QmpCapabilities() implements Plain {
        @Override public String execute() {
            return "qmp_capabilities";
        }
    }

    /// The whole interface of this QEMU, as it describes itself. Source: qapi/introspect.json.
    record QueryQmpSchema() implements QmpCommand<List<JsonObject>> {
        @Override public String execute() {
            return "query-qmp-schema";
        }

        @Override public List<JsonObject> result(Json returned) {
            return objects(returned);
        }
    }

    /// Whether the virtual CPUs run. Source: qapi/run-state.json.
    record QueryStatus() implements QmpCommand<Status> {
        @Override public String execute() {
            return "query-status";
        }

        @Override public Status result(Json returned) {
            var object = object(returned);
            return new Status(object.text("status"), object.bool("running"));
        }
    }

    /// @param status a RunState, such as `running`, `paused`, `shutdown`, `guest-panicked`
    record Status(String status, boolean running) {}

    /// Stops the virtual CPUs; asked again, nothing happens. Source: qapi/misc.json.
    record Stop() implements Plain {
        @Override public String execute() {
            return "stop";
        }
    }

    /// Lets the virtual CPUs go on; asked again, nothing happens. Source: qapi/misc.json.
    record Cont() implements Plain {
        @Override public String execute() {
            return "cont";
        }
    }

    /// Ends QEMU at once. The reply may come before its process is gone. Source: qapi/control.json.
    record Quit() implements Plain {
        @Override public String execute() {
            return "quit";
        }
    }

    /// Presses the power button: the guest may obey. Source: qapi/machine.json.
    record SystemPowerdown() implements Plain {
        @Override public String execute() {
            return "system_powerdown";
        }
    }

    /// Counters of the block devices. Source: qapi/block-core.json, BlockStats.
    record QueryBlockstats() implements QmpCommand<List<BlockStats>> {
        @Override public String execute() {
            return "query-blockstats";
        }

        @Override public List<BlockStats> result(Json returned) {
            var stats = new ArrayList<BlockStats>();
            for (var device : objects(returned)) {
                var counters = device.object("stats");
                stats.add(new BlockStats(device.findText("qdev").orElse(""),
                        new Bytes(counters.integer("rd_bytes", 0, Long.MAX_VALUE)),
                        new Bytes(counters.integer("wr_bytes", 0, Long.MAX_VALUE))));
            }
            return stats;
        }
    }

    /// What a block device has read and written since QEMU started.
    ///
    /// @param qdev path or id of the device in QEMU's device tree; empty for one without a device
    record BlockStats(String qdev, Bytes read, Bytes written) {}

    private static JsonObject object(Json returned) {
        if (returned instanceof Json.Obj(var object)) return object;
        throw new JsonException("return", "must be an object, is " + returned.kind());
    }

    private static List<JsonObject> objects(Json returned) {
        return new JsonObject().put("return", returned).objects("return");
    }
}
