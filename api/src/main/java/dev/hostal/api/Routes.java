package dev.hostal.api;

import static dev.hostal.api.Route.Form.CHANNELS;
import static dev.hostal.api.Route.Form.EVENTS;
import static dev.hostal.api.Route.Form.JSON;
import static dev.hostal.api.Route.Form.NOTHING;
import static dev.hostal.api.Route.Form.OPERATION;
import static dev.hostal.api.Route.Form.STREAM;

import java.util.List;

/// Every route of `/v1`. `{ref}` is a name, an id, or the beginning of an id that fits one instance only.
public final class Routes {
    public static final List<Route> ROUTES = List.of(
            row("GET", "/v1/daemon", "daemon", JSON, "The daemon: version, pid, sockets."),
            row("POST", "/v1/daemon/stop", "daemonStop", NOTHING, "Ends the daemon; guests run on."),
            row("GET", "/v1/doctor", "doctor", JSON, "Every probe's verdict, reason and remedy."),
            row("GET", "/v1/openapi.json", "openapi", JSON, "This table as an OpenAPI 3.1 document."),
            row("GET", "/v1/metrics", "metrics", STREAM, "Counters in the Prometheus text format."),
            row("GET", "/v1/events", "events", EVENTS, "What happens; `after` a sequence number for what happened.",
                    "after", "type", "subject"),

            row("GET", "/v1/run", "run", CHANNELS,
                    "Creates an instance as `POST /v1/instances` does and runs it; its status comes when it is over, "
                            + "and with `autoRemove` when it is gone.", "cold"),
            row("GET", "/v1/instances", "instances", JSON, "All instances, in order of creation.", "phase", "label"),
            row("POST", "/v1/instances", "instanceCreate", OPERATION, "Obtains the image and creates an instance."),
            row("GET", "/v1/instances/{ref}", "instance", JSON, "One instance."),
            row("DELETE", "/v1/instances/{ref}", "instanceDelete", OPERATION, "Deletes a stopped instance.", "force"),
            row("POST", "/v1/instances/{ref}/start", "instanceStart", OPERATION, "Starts it.", "cold"),
            row("POST", "/v1/instances/{ref}/stop", "instanceStop", OPERATION,
                    "Asks the guest to end, kills it after `timeout` seconds.", "timeout"),
            row("POST", "/v1/instances/{ref}/kill", "instanceKill", OPERATION,
                    "Sends `signal` to its program; KILL, the default, ends the machine.", "signal"),
            row("POST", "/v1/instances/{ref}/restart", "instanceRestart", OPERATION, "Stops and starts it.", "timeout"),
            row("POST", "/v1/instances/{ref}/pause", "instancePause", OPERATION, "Freezes it."),
            row("POST", "/v1/instances/{ref}/resume", "instanceResume", OPERATION, "Lets it go on."),
            row("POST", "/v1/instances/{ref}/rename", "instanceRename", JSON, "Gives it the `name` in the body."),
            row("POST", "/v1/instances/{ref}/update", "instanceUpdate", JSON,
                    "Changes its limits and its restart policy, while it runs, too."),
            row("GET", "/v1/instances/{ref}/processes", "instanceProcesses", JSON, "What runs in it."),
            row("POST", "/v1/instance-prune", "instancePrune", JSON,
                    "Deletes every instance that does not run and will not start by its policy."),
            row("GET", "/v1/instances/{ref}/wait", "instanceWait", JSON,
                    "Waits until it has stopped, `timeout` seconds at most; `{\"exitStatus\": n}` or `{}`.", "timeout"),
            row("GET", "/v1/instances/{ref}/stats", "instanceStats", JSON, "What it uses now."),
            row("GET", "/v1/instances/{ref}/logs", "instanceLogs", STREAM,
                    "Its output, or with `console=true` its console. `application/x-ndjson`: one object a piece, "
                            + "with `time`, `stream` and base64 `data`.",
                    "console", "follow", "tail", "since", "until"),
            row("GET", "/v1/instances/{ref}/files", "instanceRead", STREAM, "A file or folder as a tar archive.", "path"),
            row("PUT", "/v1/instances/{ref}/files", "instanceWrite", NOTHING,
                    "Unpacks the tar archive in the body into a folder.", "path"),
            row("GET", "/v1/instances/{ref}/attach", "instanceAttach", CHANNELS,
                    "The streams of its program; may be asked for before the start."),
            row("GET", "/v1/instances/{ref}/exec", "instanceExec", CHANNELS, "Runs another program in it."),
            row("GET", "/v1/instances/{ref}/console", "instanceConsole", CHANNELS, "Its console."),
            row("GET", "/v1/instances/{ref}/connect", "instanceConnect", CHANNELS,
                    "A TCP connection to `port` of the guest's loopback.", "port"),

            row("POST", "/v1/instances/{ref}/suspend", "instanceSuspend", OPERATION,
                    "Keeps its memory on disk and ends its machine; `start` goes on from there."),
            row("POST", "/v1/instances/{ref}/clone", "instanceClone", OPERATION,
                    "Makes a new instance, stopped, of its disk or of a snapshot."),
            row("POST", "/v1/instances/{ref}/flatten", "instanceFlatten", OPERATION,
                    "Frees a linked clone from what its disk lies over."),
            row("POST", "/v1/instances/{ref}/rewind", "instanceRewind", OPERATION,
                    "Takes a snapshot of the present, and goes back in time."),
            row("GET", "/v1/instances/{ref}/snapshots", "snapshots", JSON, "Its snapshots as a tree, and their schedule."),
            row("POST", "/v1/instances/{ref}/snapshots", "snapshotCreate", OPERATION, "Takes a snapshot of it."),
            row("GET", "/v1/instances/{ref}/snapshots/{snapshot}", "snapshot", JSON, "One snapshot."),
            row("DELETE", "/v1/instances/{ref}/snapshots/{snapshot}", "snapshotDelete", OPERATION,
                    "Deletes a snapshot; those taken after it stay as they are."),
            row("POST", "/v1/instances/{ref}/snapshots/{snapshot}/restore", "snapshotRestore", OPERATION,
                    "Makes the instance go on from a snapshot.", "force"),
            row("POST", "/v1/instances/{ref}/snapshots/{snapshot}/rename", "snapshotRename", JSON,
                    "Gives it the `name` and `description` in the body."),
            row("PUT", "/v1/instances/{ref}/snapshot-schedule", "snapshotSchedule", NOTHING,
                    "Takes snapshots by itself from now on."),
            row("DELETE", "/v1/instances/{ref}/snapshot-schedule", "snapshotScheduleOff", NOTHING,
                    "Takes none by itself any more; those that are there stay."),
            row("POST", "/v1/forks", "fork", OPERATION,
                    "Copies running instances in an instant; `results` of the operation are the ids of the forks."),
            row("GET", "/v1/pools", "pools", JSON, "All pools."),
            row("POST", "/v1/pools", "poolCreate", OPERATION, "Keeps forks of a running instance waiting."),
            row("GET", "/v1/pools/{pool}", "pool", JSON, "One pool."),
            row("POST", "/v1/pools/{pool}/take", "poolTake", JSON, "Hands out one that waits; another is made ready behind it."),
            row("DELETE", "/v1/pools/{pool}", "poolDelete", OPERATION, "Deletes a pool and those that wait in it."),

            row("GET", "/v1/images", "images", JSON, "All images of the store."),
            row("POST", "/v1/images", "imagePull", OPERATION, "Obtains `reference` for `arch`, both in the body."),
            row("GET", "/v1/images/{image...}", "image", JSON, "One image with its manifest, config, layers and history.",
                    "arch"),
            row("POST", "/v1/image-tags", "imageTag", NOTHING, "Gives the image `source` the further name `name`."),
            row("POST", "/v1/image-pushes", "imagePush", OPERATION,
                    "Uploads `source` to the registry that `target` names, or its own name where there is none."),
            row("POST", "/v1/registry-logins", "registryLogin", NOTHING,
                    "Asks the registry whether it takes the login in the body, which is not kept."),
            row("POST", "/v1/image-prune", "imagePrune", JSON, "Removes images that no instance needs.", "all"),
            row("GET", "/v1/image-archive", "imageSave", STREAM, "Images as one tar archive.",
                    "references", "arch", "form", "compression"),
            row("POST", "/v1/image-archive", "imageLoad", JSON,
                    "Takes in the images of the tar archive in the body, of docker's form or OCI's, compressed or not.",
                    "name"),
            row("POST", "/v1/image-root", "imageImport", JSON,
                    "Makes an image of the root file system whose tar archive is in the body, compressed or not.",
                    "name", "arch", "program"),
            row("DELETE", "/v1/images/{image...}", "imageDelete", NOTHING, "Forgets a reference."),

            row("GET", "/v1/volumes", "volumes", JSON, "All volumes, by name.", "label"),
            row("POST", "/v1/volumes", "volumeCreate", JSON, "Makes a volume of files, or with `size` a disk."),
            row("GET", "/v1/volumes/{volume}", "volume", JSON, "One volume, with what it uses and who uses it."),
            row("DELETE", "/v1/volumes/{volume}", "volumeDelete", OPERATION,
                    "Deletes a volume; refused with IN_USE while an instance needs it."),
            row("POST", "/v1/volumes/{volume}/snapshot", "volumeSnapshot", OPERATION,
                    "Makes a volume with the content that this one has now, to which nobody writes."),
            row("POST", "/v1/volumes/{volume}/clone", "volumeClone", OPERATION,
                    "Makes a volume with the content that this one has now."),
            row("GET", "/v1/volumes/{volume}/content", "volumeExport", STREAM,
                    "Its files as a tar archive, or its disk as it is."),
            row("PUT", "/v1/volumes/{volume}/content", "volumeImport", NOTHING,
                    "Unpacks the tar archive in the body over its files."),
            row("POST", "/v1/volume-prune", "volumePrune", JSON, "Removes volumes that no instance needs.", "all"),

            row("GET", "/v1/networks", "networks", JSON, "All networks, by name."),
            row("POST", "/v1/networks", "networkCreate", JSON, "Makes a network; what is left open is chosen."),
            row("GET", "/v1/networks/{network}", "network", JSON, "One network, with who is in it."),
            row("DELETE", "/v1/networks/{network}", "networkDelete", NOTHING,
                    "Deletes a network; refused with IN_USE while an instance is in it."),
            row("GET", "/v1/instances/{ref}/nics", "instanceNics", JSON, "The NICs of an instance, with their addresses."),
            row("POST", "/v1/instances/{ref}/nics", "nicAttach", JSON, "Gives an instance one more NIC."),
            row("DELETE", "/v1/instances/{ref}/nics/{nic}", "nicDetach", NOTHING, "Takes a NIC from an instance."),
            row("GET", "/v1/ports", "ports", JSON, "Published ports of all instances."),
            row("POST", "/v1/instances/{ref}/ports", "portAdd", JSON,
                    "Publishes ports of an instance, whether it runs or not."),
            row("DELETE", "/v1/ports/{id}", "portDelete", NOTHING, "Publishes ports no longer."),

            row("GET", "/v1/operations", "operations", JSON, "Operations under way and the last that ended."),
            row("GET", "/v1/operations/{ref}", "operation", JSON, "One operation."),
            row("GET", "/v1/operations/{ref}/events", "operationEvents", EVENTS,
                    "The operation each time it changes, until it has ended."),
            row("DELETE", "/v1/operations/{ref}", "operationCancel", NOTHING, "Asks a running operation to end early."));

    private Routes() {}

    private static Route row(String method, String path, String name, Route.Form form, String summary, String... query) {
        return new Route(method, path, name, form, List.of(query), summary);
    }
}
