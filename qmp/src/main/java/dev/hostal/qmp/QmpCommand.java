package dev.hostal.qmp;

import dev.hostal.base.Bytes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /// A line of the monitor for people, for what has no command of its own; returns what it prints. Source: qapi/misc.json.
    record HumanMonitorCommand(String line) implements QmpCommand<String> {
        @Override public String execute() {
            return "human-monitor-command";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("command-line", line);
        }

        @Override public String result(Json returned) {
            return returned instanceof Json.Text(var text) ? text : "";
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

    /// The block devices, with the node that each uses. Source: qapi/block-core.json, BlockInfo.
    record QueryBlock() implements QmpCommand<List<BlockDevice>> {
        @Override public String execute() {
            return "query-block";
        }

        @Override public List<BlockDevice> result(Json returned) {
            return objects(returned).stream().map(device -> new BlockDevice(device.findText("qdev").orElse(""),
                    device.findObject("inserted").flatMap(medium -> medium.findText("node-name")),
                    device.findObject("inserted").filter(medium -> medium.bool("ro", false)).isPresent())).toList();
        }
    }

    /// @param qdev path or id of the device
    /// @param node at the top of what it uses
    /// @param readOnly its guest cannot write to it
    record BlockDevice(String qdev, Optional<String> node, boolean readOnly) {}

    /// Every named node. Source: qapi/block-core.json, BlockDeviceInfo.
    record QueryNamedBlockNodes() implements QmpCommand<List<BlockNode>> {
        @Override public String execute() {
            return "query-named-block-nodes";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("flat", true);
        }

        @Override public List<BlockNode> result(Json returned) {
            return objects(returned).stream().map(node -> new BlockNode(node.findText("node-name").orElse(""),
                    node.text("drv"), node.text("file"))).toList();
        }
    }

    /// @param driver such as `qcow2`, `file`
    /// @param file its name, as QEMU opened it
    record BlockNode(String name, String driver, String file) {}

    /// One more qcow2 node, attached to nothing, without its base: the next one will be. Source:
    /// qapi/block-core.json, BlockdevOptions.
    record BlockdevAddOverlay(String nodeName, Path file) implements Plain {
        @Override public String execute() {
            return "blockdev-add";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("driver", "qcow2").put("node-name", nodeName)
                    .put("discard", "unmap").put("detect-zeroes", "unmap").put("backing", new Json.Null())
                    .put("file", new JsonObject().put("driver", "file").put("filename", file.toString())
                            .put("discard", "unmap"));
        }
    }

    /// Removes a node that nothing uses. Source: qapi/block-core.json.
    record BlockdevDel(String nodeName) implements Plain {
        @Override public String execute() {
            return "blockdev-del";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("node-name", nodeName);
        }
    }

    /// Puts overlays over the nodes that devices use, all at one instant or none. Source:
    /// qapi/transaction.json; qapi/block-core.json, BlockdevSnapshot.
    ///
    /// @param overlays by the node that each comes over
    record TransactionOfOverlays(Map<String, String> overlays) implements Plain {
        @Override public String execute() {
            return "transaction";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().putObjects("actions", overlays.entrySet().stream().map(entry -> new JsonObject()
                    .put("type", "blockdev-snapshot").put("data", new JsonObject()
                            .put("node", entry.getKey()).put("overlay", entry.getValue()))).toList());
        }
    }

    /// Copies into a node what it reads through it, down to a base, which it stands on afterwards. The job stays
    /// until it is dismissed. Source: qapi/block-core.json.
    ///
    /// @param base node; empty: it stands on nothing afterwards
    /// @param backingFile name of the base in the file; with a base
    record BlockStream(String jobId, String device, Optional<String> base, Optional<Path> backingFile)
            implements Plain {
        @Override public String execute() {
            return "block-stream";
        }

        @Override public JsonObject arguments() {
            var arguments = new JsonObject().put("job-id", jobId).put("device", device).put("auto-finalize", false)
                    .put("auto-dismiss", false);
            base.ifPresent(node -> arguments.put("base-node", node));
            backingFile.ifPresent(file -> arguments.put("backing-file", file.toString()));
            return arguments;
        }
    }

    /// One more end of a network on the host's side, used by nothing yet.
    record NetdevAdd(Netdev netdev) implements Plain {
        @Override public String execute() {
            return "netdev_add";
        }

        @Override public JsonObject arguments() {
            return netdev.arguments();
        }
    }

    /// Removes such an end. Source: qapi/net.json.
    record NetdevDel(String id) implements Plain {
        @Override public String execute() {
            return "netdev_del";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("id", id);
        }
    }

    /// Puts a device into a machine that runs. Source: qapi/qdev.json.
    ///
    /// @param properties as after `-device`, its id among them
    record DeviceAdd(String driver, Map<String, Json> properties) implements Plain {
        public DeviceAdd {
            properties = Map.copyOf(properties);
        }

        @Override public String execute() {
            return "device_add";
        }

        @Override public JsonObject arguments() {
            var arguments = new JsonObject().put("driver", driver);
            properties.forEach(arguments::put);
            return arguments;
        }
    }

    /// Asks the guest to let go of a device, which is gone when it has: then `DEVICE_DELETED` is told. Source: qapi/qdev.json.
    record DeviceDel(String id) implements Plain {
        @Override public String execute() {
            return "device_del";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("id", id);
        }
    }

    /// The names of an object's properties; those of `/machine/peripheral` are the ids of devices. Source: qapi/qom.json.
    record QomList(String path) implements QmpCommand<List<String>> {
        @Override public String execute() {
            return "qom-list";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("path", path);
        }

        @Override public List<String> result(Json returned) {
            return objects(returned).stream().map(property -> property.text("name")).toList();
        }
    }

    /// Long-running work. Source: qapi/job.json, JobInfo.
    record QueryJobs() implements QmpCommand<List<Job>> {
        @Override public String execute() {
            return "query-jobs";
        }

        @Override public List<Job> result(Json returned) {
            return objects(returned).stream().map(job -> new Job(job.text("id"), job.text("status"),
                    job.integer("current-progress", 0, Long.MAX_VALUE),
                    job.integer("total-progress", 0, Long.MAX_VALUE), job.findText("error"))).toList();
        }
    }

    /// @param status a JobStatus, such as `running`; `concluded` at the end
    /// @param error why it failed
    record Job(String id, String status, long done, long total, Optional<String> error) {
        /// It has done its work, and waits for [JobFinalize].
        public boolean isPending() {
            return status.equals("pending");
        }

        public boolean isConcluded() {
            return status.equals("concluded");
        }
    }

    /// Ends a job without its result. Source: qapi/job.json.
    record JobCancel(String id) implements Plain {
        @Override public String execute() {
            return "job-cancel";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("id", id);
        }
    }

    /// Has a job that is pending make its change. Source: qapi/job.json.
    record JobFinalize(String id) implements Plain {
        @Override public String execute() {
            return "job-finalize";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("id", id);
        }
    }

    /// Writes all that QEMU has in its memory of a block node, tables too, to its file and that to the disk, while the guest
    /// runs. No command of QMP does that alone. Source: hmp-commands.hx, `qemu-io`; qapi/misc.json.
    record Flush(String node) implements Plain {
        @Override public String execute() {
            return "human-monitor-command";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("command-line", "qemu-io " + node + " flush");
        }
    }

    /// Forgets a job that is concluded. Source: qapi/job.json.
    record JobDismiss(String id) implements Plain {
        @Override public String execute() {
            return "job-dismiss";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("id", id);
        }
    }

    /// Writes the state of all devices, without any RAM, to a file. Its name is that of its first user. Of a
    /// machine that is stopped the disks stay active. Source: qapi/migration.json.
    record XenSaveDevicesState(Path file) implements Plain {
        @Override public String execute() {
            return "xen-save-devices-state";
        }

        @Override public JsonObject arguments() {
            // "live" would let go of the disks of a machine that is stopped.
            return new JsonObject().put("filename", file.toString()).put("live", false);
        }
    }

    /// Waits for the state of a machine at a Unix socket. Source: qapi/migration.json.
    record MigrateIncoming(Path socket) implements Plain {
        @Override public String execute() {
            return "migrate-incoming";
        }

        @Override public JsonObject arguments() {
            return new JsonObject().put("uri", "unix:" + socket);
        }
    }

    /// How far a migration is. Source: qapi/migration.json, MigrationInfo.
    record QueryMigrate() implements QmpCommand<Migration> {
        @Override public String execute() {
            return "query-migrate";
        }

        @Override public Migration result(Json returned) {
            var object = object(returned);
            return new Migration(object.findText("status").orElse("none"), object.findText("error-desc").orElse(""));
        }
    }

    /// @param status a MigrationStatus: `none`, `active`, `completed`, `failed`, ...
    record Migration(String status, String error) {}

    private static JsonObject object(Json returned) {
        if (returned instanceof Json.Obj(var object)) return object;
        throw new JsonException("return", "must be an object, is " + returned.kind());
    }

    private static List<JsonObject> objects(Json returned) {
        return new JsonObject().put("return", returned).objects("return");
    }
}
