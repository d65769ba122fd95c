package dev.hostal.api;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What each route takes and gives, for the documents. Routes of form OPERATION, CHANNELS and NOTHING give what their
/// form says.
final class Bodies {
    /// @param type of the reply's body
    record Reply(String type, Optional<Schema> schema) {}

    private static final String JSON = "application/json";
    static final String TAR = "application/x-tar";

    private static final Map<String, Schema> REQUESTS = Map.ofEntries(
            Map.entry("run", Schemas.CREATE_INSTANCE),
            Map.entry("instanceCreate", Schemas.CREATE_INSTANCE),
            Map.entry("instanceRename", Schemas.RENAME),
            Map.entry("instanceUpdate", UpkeepSchemas.UPDATE),
            Map.entry("instanceClone", PointSchemas.CLONE),
            Map.entry("instanceRewind", PointSchemas.REWIND),
            Map.entry("snapshotCreate", PointSchemas.CREATE_SNAPSHOT),
            Map.entry("snapshotRename", PointSchemas.RENAME_SNAPSHOT),
            Map.entry("snapshotSchedule", PointSchemas.SCHEDULE),
            Map.entry("fork", PointSchemas.FORK),
            Map.entry("poolCreate", PointSchemas.CREATE_POOL),
            Map.entry("poolTake", PointSchemas.TAKE),
            Map.entry("networkCreate", NetworkSchemas.CREATE_NETWORK),
            Map.entry("networkReserve", NetworkSchemas.RESERVE),
            Map.entry("groupCreate", GroupSchemas.GROUP),
            Map.entry("groupRuleAdd", GroupSchemas.RULE),
            Map.entry("nicGroups", GroupSchemas.NIC_GROUPS),
            Map.entry("nicShape", GroupSchemas.NIC_SHAPE),
            Map.entry("nicAttach", SpecSchemas.NIC),
            Map.entry("portAdd", SpecSchemas.PUBLISHED_PORT),
            Map.entry("volumeCreate", VolumeSchemas.CREATE_VOLUME),
            Map.entry("volumeSnapshot", VolumeSchemas.CREATE_VOLUME),
            Map.entry("volumeClone", VolumeSchemas.CREATE_VOLUME),
            Map.entry("build", BuildSchemas.BUILD),
            Map.entry("imagePull", Schemas.PULL_IMAGE),
            Map.entry("instanceCommit", UpkeepSchemas.COMMIT),
            Map.entry("imageTag", Schemas.TAG_IMAGE),
            Map.entry("imagePush", Schemas.PUSH_IMAGE),
            Map.entry("registryLogin", Schemas.REGISTRY_LOGIN),
            Map.entry("instanceExec", Schemas.EXEC));

    private static final Map<String, Reply> REPLIES = Map.ofEntries(
            json("daemon", Schemas.DAEMON),
            json("doctor", Schemas.PROBES),
            Map.entry("openapi", new Reply(JSON, Optional.empty())),
            Map.entry("metrics", new Reply("text/plain", Optional.empty())),
            Map.entry("events", new Reply("text/event-stream", Optional.of(Schemas.EVENT))),
            json("instances", Schemas.INSTANCES),
            json("instance", Schemas.INSTANCE),
            json("instanceRename", Schemas.INSTANCE),
            json("instanceUpdate", Schemas.INSTANCE),
            json("instanceProcesses", UpkeepSchemas.PROCESSES),
            json("instanceChanges", UpkeepSchemas.CHANGES),
            Map.entry("instanceRoot", new Reply(TAR, Optional.empty())),
            json("instanceCommit", Schemas.IMAGE),
            json("instancePrune", UpkeepSchemas.PRUNED_INSTANCES),
            json("instanceWait", Schemas.END),
            json("instanceStats", Schemas.STATS),
            Map.entry("instanceLogs", new Reply("application/x-ndjson", Optional.of(Schemas.LOG_PIECE))),
            Map.entry("instanceRead", new Reply(TAR, Optional.empty())),
            json("snapshots", PointSchemas.SNAPSHOTS),
            json("snapshot", PointSchemas.SNAPSHOT),
            json("snapshotRename", PointSchemas.SNAPSHOT),
            json("pools", PointSchemas.POOLS),
            json("pool", PointSchemas.POOL),
            json("poolTake", Schemas.INSTANCE),
            json("images", Schemas.IMAGES),
            json("image", Schemas.IMAGE_DETAILS),
            json("imagePrune", Schemas.PRUNED),
            Map.entry("imageSave", new Reply(TAR, Optional.empty())),
            json("imageLoad", Schemas.IMAGES),
            Map.entry("build", new Reply("application/x-ndjson", Optional.of(BuildSchemas.BUILD_EVENT))),
            json("buildPrune", Schemas.PRUNED),
            json("imageImport", Schemas.IMAGE),
            json("networks", NetworkSchemas.NETWORKS),
            json("networkCreate", NetworkSchemas.NETWORK),
            json("network", NetworkSchemas.NETWORK),
            json("networkReserve", NetworkSchemas.RESERVATION),
            json("instanceNics", NetworkSchemas.NICS),
            json("nicAttach", NetworkSchemas.PLUGGED_NIC),
            json("groups", GroupSchemas.GROUPS),
            json("groupCreate", GroupSchemas.GROUP),
            json("group", GroupSchemas.GROUP),
            json("groupRuleAdd", GroupSchemas.GROUP),
            json("reach", GroupSchemas.REACH),
            Map.entry("nicCapture", new Reply("application/vnd.tcpdump.pcap", Optional.empty())),
            json("ports", NetworkSchemas.PORTS),
            json("portAdd", NetworkSchemas.PORT),
            json("volumes", VolumeSchemas.VOLUMES),
            json("volumeCreate", VolumeSchemas.VOLUME),
            json("volume", VolumeSchemas.VOLUME),
            json("volumePrune", VolumeSchemas.PRUNED_VOLUMES),
            Map.entry("volumeExport", new Reply(TAR, Optional.empty())),
            json("operations", Schemas.OPERATIONS),
            json("operation", Schemas.OPERATION),
            Map.entry("operationEvents", new Reply("text/event-stream", Optional.of(Schemas.OPERATION))));

    private Bodies() {}

    private static Map.Entry<String, Reply> json(String route, Schema schema) {
        return Map.entry(route, new Reply(JSON, Optional.of(schema)));
    }

    /// Routes whose request's body is a tar archive.
    static boolean takesTar(Route route) {
        return Set.of("instanceWrite", "imageLoad", "imageImport", "volumeImport").contains(route.name());
    }

    /// Type of a request's body that has a schema.
    static String type(Route route) {
        return route.name().equals("build") ? BuildV1.TYPE : JSON;
    }

    static Optional<Schema> request(Route route) {
        return Optional.ofNullable(REQUESTS.get(route.name()));
    }

    /// @throws IllegalStateException a route of such a form must be in the table
    static Reply reply(Route route) {
        var reply = REPLIES.get(route.name());
        if (reply == null) throw new IllegalStateException("no reply is described for " + route.name());
        return reply;
    }
}
