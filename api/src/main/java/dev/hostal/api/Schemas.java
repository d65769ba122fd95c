package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;
import java.util.stream.Stream;

/// Every JSON object of `/v1`. A test holds this table against the records that are written and read.
final class Schemas {
    private static final String COMPRESSION = "Of the layers: `portable` (the default), as they are stored, but gzip for zstd "
            + "layers that were compressed here; `keep`; `gzip`, `zstd` or `none`, which give the image another digest.";
    private static final String TIME = "RFC 3339, in UTC.";

    static final Schema ERROR = Schema.of("Error", "Why something was refused or failed.",
            has("code", "string", "Stable; the catalogue is in errors.md."),
            has("message", "string", "Sentences for a person; advice stands on a line that starts with \"Maybe\"."),
            may("member", "string", "Path of the member, or name of the query parameter, that is wrong."));

    static final Schema DAEMON = Schema.of("Daemon", "The daemon itself.",
            has("version", "string", ""),
            has("build", "string", "Identifies the sources that it was built from."),
            has("pid", "integer", ""),
            has("home", "string", "Folder where everything is kept."),
            has("socket", "string", "Where it listens."),
            has("startedAt", "string", TIME),
            has("driver", "string", "`qemu`, or `sim` for a simulated host."));

    static final Schema PROBE = Schema.of("Probe", "The verdict on one ability of the host, found by trying.",
            has("name", "string", "Stable."),
            has("works", "boolean", ""),
            has("required", "boolean", "Whether guests cannot run without it."),
            has("reason", "string", "What was tried and what came of it."),
            has("remedy", "string", "What would help; empty where it works."));
    static final Schema PROBES = list("Probes", "probes", PROBE);

    static final Schema EVENT = Schema.of("Event", "Something that happened.",
            has("sequence", "integer", "Grows by one with each event since the daemon started."),
            has("time", "string", TIME),
            has("type", "string", "Such as `instance.phase`."),
            has("subject", "string", "Id of the instance, or reference of the image."),
            has("attributes", "string{}", ""));

    static final Schema PART = Schema.of("OperationPart", "One of several things that go on side by side.",
            has("name", "string", "Such as the beginning of a layer's digest."),
            has("stage", "string", "What is happening to it, in words."),
            has("done", "integer", "So far, in the unit of `total`."),
            has("total", "integer", "0 where unknown."));

    static final Schema OPERATION = Schema.of("Operation", "Something asked for that takes time.",
            has("id", "string", ""),
            has("verb", "string", "Such as `instance.start`."),
            has("target", "string", "Id of the instance, or reference of the image."),
            has("status", "string", "`running`, `succeeded`, `failed` or `cancelled`."),
            has("stage", "string", "What is happening now, in words."),
            has("done", "integer", "So far, in the unit of `total`."),
            has("total", "integer", "0 where unknown."),
            may("error", "Error", "Why it failed."),
            has("createdAt", "string", TIME),
            may("endedAt", "string", TIME),
            has("results", "string[]", "Ids of what it makes, known from the beginning: a snapshot's, a clone's, the forks'."),
            may("parts", "OperationPart[]", "While it runs, what goes on side by side: the layers of an image."));
    static final Schema OPERATIONS = list("Operations", "operations", OPERATION);

    static final Schema INSTANCE = Schema.of("Instance", "An instance: what is wanted of it, and what it is doing.",
            has("id", "string", "64 hex digits, for ever."),
            has("name", "string", "Unique on its node; may be changed."),
            has("kind", "string", "`vm` or `container`."),
            has("image", "string", "As it was asked for, in its short form."),
            has("imageDigest", "string", "The manifest that the reference named when the instance was created."),
            has("arch", "string", "Such as `x86_64`."),
            has("cpus", "integer", ""),
            has("memory", "integer", "Bytes."),
            has("diskSize", "integer", "Bytes that the writable disk may grow to."),
            has("boot", "string", "`auto`, `command` or `init`."),
            has("command", "string[]", "Empty: the image's own."),
            has("tty", "boolean", "Its program has a terminal."),
            has("stdin", "boolean", "Its program's standard input can be attached to."),
            has("autoRemove", "boolean", "It is deleted when its machine ends."),
            has("hostname", "string", ""),
            has("labels", "string{}", ""),
            has("phase", "string", "One of `stopped`, `suspended`, `starting`, `running`, `paused`, `stopping`, `failed`, "
                    + "`deleting`."),
            may("reason", "string", "Why it failed; only in phase `failed`."),
            may("exitStatus", "integer", "Of its program's last run, 0 to 255; only in phase `stopped`."),
            has("createdAt", "string", TIME),
            may("startedAt", "string", TIME),
            may("finishedAt", "string", TIME),
            has("addresses", "string[]", "Of the guest, as it reports them."),
            may("accelerator", "string", "`kvm` or `tcg`, while it runs."),
            may("limits", "Limits", "What it may use beyond its CPUs, memory and disk."),
            may("confinement", "Confinement", "What a container may do."),
            may("care", "Care", "When it is started again, and how its health is found out."),
            may("mounts", "Mount[]", "Of folders, volumes and memory."),
            has("course", "Course", "What became of it since somebody started it, beyond its phase."),
            may("base", "string", "Of a linked clone: id of the instance whose disk its own lies over, until it is flattened."),
            may("baseSnapshot", "string", "Id of the snapshot of that instance which was cloned."));
    static final Schema COURSE = Schema.of("Course",
            "What became of an instance since somebody last started it, beyond its phase.",
            has("restarts", "integer", "How often its policy has started it again."),
            may("restartAt", "string", "When its policy starts it next. " + TIME),
            has("outOfMemory", "boolean", "In its last run something was killed because it met its limit of memory."),
            may("health", "string", "`starting`, `healthy` or `unhealthy`; missing where nobody tests it."));
    static final Schema INSTANCES = list("Instances", "instances", INSTANCE);

    static final Schema CREATE_INSTANCE = Schema.of("CreateInstance", "What is wanted of a new instance.",
            may("name", "string", "1 to 63 letters, digits, `_`, `.` and `-`. One is made up where it is missing."),
            may("kind", "string", "`vm` or `container`; where none is named, a container if the daemon can run it."),
            has("image", "string", "Such as `debian:12` or `registry.example:5000/app@sha256:…`."),
            may("arch", "string", "The host's where it is missing."),
            may("cpus", "integer", "1 to 512; where it is missing 1, and all of the host for a container."),
            may("memory", "integer", "Bytes, from 64 MiB (6 MiB of a container) to 16 TiB; where it is missing 512 MiB, and no limit for a container."),
            may("diskSize", "integer", "Bytes, from 64 MiB to 64 TiB; 10 GiB where it is missing."),
            may("boot", "string", "`auto` (the default): the image's own init where it brings one and no command is "
                    + "given; `command`; `init`."),
            may("entrypoint", "string[]", "Replaces the image's, and then its command does not count."),
            may("command", "string[]", "Replaces the image's."),
            may("env", "string{}", "Added to the image's."),
            may("user", "string", "Name or number, optionally `:group`."),
            may("workdir", "string", "Absolute path."),
            may("tty", "boolean", "False where it is missing."),
            may("stdin", "boolean", "False where it is missing."),
            may("hostname", "string", "Made from the name where it is missing."),
            may("labels", "string{}", "At most 256."),
            may("autoRemove", "boolean", "False where it is missing."),
            may("stopTimeout", "integer", "Seconds that `stop` waits before it kills, 0 to 3600; 30 where it is missing."),
            may("pull", "string", "`missing` (the default), `always` or `never`."),
            may("limits", "Limits", ""),
            may("confinement", "Confinement", ""),
            may("care", "Care", ""),
            may("mounts", "Mount[]", "At most 256."),
            may("nics", "Nic[]", "At most 16; one on the default network where it is missing."),
            may("ports", "PublishedPort[]", "At most 256."));

    static final Schema RENAME = Schema.of("Rename", "The new name.", has("name", "string", ""));

    static final Schema END = Schema.of("End", "How an instance's program ended; empty where it has not in time.",
            may("exitStatus", "integer", "0 to 255; 128 and the signal's number where a signal ended it."));

    static final Schema STATS = Schema.of("Stats", "What an instance uses: counters since its start, and memory now.",
            has("id", "string", ""),
            has("name", "string", ""),
            has("cpuNanos", "integer", "Time of host CPUs spent."),
            has("memory", "integer", "Bytes that the host spends on it, QEMU's own included."),
            has("memoryLimit", "integer", "Bytes."),
            has("processes", "integer", "On the host."),
            has("diskRead", "integer", "Bytes."),
            has("diskWritten", "integer", "Bytes."),
            has("netReceived", "integer", "Bytes."),
            has("netSent", "integer", "Bytes."));

    static final Schema LOG_PIECE = Schema.of("LogPiece", "A piece of output as it was written, which is not a line. A "
                    + "line of the reply that is empty says that the stream is alive; one with `error` ends it.",
            may("time", "string", TIME),
            may("stream", "string", "`stdout`, `stderr` or `console`."),
            may("data", "string", "Base64."),
            may("error", "Error", "Why there is no more."));

    static final Schema IMAGE = Schema.of("Image", "An image of the store.",
            has("digest", "string", "Of its manifest."),
            has("references", "string[]", "In their short form."),
            has("arch", "string", ""),
            has("size", "integer", "Bytes."),
            has("createdAt", "string", TIME),
            has("source", "string", "Where it came from."));
    static final Schema IMAGES = list("Images", "images", IMAGE);

    static final Schema PULL_IMAGE = Schema.of("PullImage", "The image to obtain.",
            has("reference", "string", ""),
            may("arch", "string", "The host's where it is missing."));

    static final Schema TAG_IMAGE = Schema.of("TagImage", "The name to give.",
            has("source", "string", "Of an image that is here."),
            has("name", "string", "With a tag; another image that has it loses it."));

    static final Schema PUSH_IMAGE = Schema.of("PushImage", "The image to upload.",
            has("source", "string", "Of an image that is here."),
            may("target", "string", "Its name in the registry; `source` where it is missing."),
            may("arch", "string", "Only the image for this one; where it is missing all that are here, as one index."),
            may("compression", "string", COMPRESSION));

    static final Schema REGISTRY_LOGIN = Schema.of("RegistryLogin", "What somebody is known by at a registry. It is not "
            + "kept. As Base64 in the header `Hostal-Registry-Login` it counts for a pull, a push or a creation.",
            has("registry", "string", "Host and optional port; `docker.io` for Docker Hub."),
            may("username", "string", "With `password`."),
            may("password", "string", ""),
            may("identityToken", "string", "In place of a name and a password."));

    static final Schema IMAGE_LAYER = Schema.of("ImageLayer", "A layer.",
            has("digest", "string", "Of its blob."),
            has("diffId", "string", "Of its uncompressed tar."),
            has("mediaType", "string", ""),
            has("size", "integer", "Bytes, of its blob."));

    static final Schema IMAGE_STEP = Schema.of("ImageStep", "A step in the making of an image.",
            may("createdAt", "string", TIME),
            has("createdBy", "string", "What was done, in the words of the program that did it."),
            may("comment", "string", ""),
            has("size", "integer", "Bytes of the blob of its layer, 0 where it left none."));

    static final Schema IMAGE_DETAILS = Schema.of("ImageDetails", "An image in full.",
            has("image", "Image", ""),
            has("platforms", "string[]", "Architectures for which the reference is here."),
            has("layers", "ImageLayer[]", "Lowest first."),
            has("history", "ImageStep[]", "Oldest first."),
            has("manifest", "object", "The OCI or docker manifest as it is stored."),
            has("config", "object", "The OCI or docker image config as it is stored."));

    static final Schema PRUNED = Schema.of("Pruned", "What was removed.",
            has("images", "string[]", "References, and the digests of images that had none."),
            has("freed", "integer", "Bytes on the disk; 0 where images are being added, whose end frees them."));

    static final Schema EXEC = Schema.of("Exec", "The program to run, as the first control message of the WebSocket.",
            has("command", "string[]", "At least the program."),
            may("env", "string{}", "Added to the image's."),
            may("user", "string", ""),
            may("workdir", "string", "Absolute path."),
            may("tty", "boolean", ""),
            may("stdin", "boolean", ""),
            may("columns", "integer", "Of the terminal, 0 where unknown."),
            may("rows", "integer", "Of the terminal, 0 where unknown."));

    /// In the order of the reference.
    static final List<Schema> ALL = Stream.of(List.of(ERROR, DAEMON, PROBE, PROBES, EVENT, PART, OPERATION,
            OPERATIONS, INSTANCE, COURSE, INSTANCES,
            CREATE_INSTANCE, SpecSchemas.LIMITS, SpecSchemas.CONFINEMENT, SpecSchemas.CARE, SpecSchemas.MOUNT,
            SpecSchemas.NIC, SpecSchemas.PUBLISHED_PORT, RENAME, END, STATS, LOG_PIECE, IMAGE, IMAGES, PULL_IMAGE,
            TAG_IMAGE, PUSH_IMAGE, REGISTRY_LOGIN,
            IMAGE_LAYER, IMAGE_STEP, IMAGE_DETAILS, PRUNED, EXEC), UpkeepSchemas.ALL, PointSchemas.ALL, VolumeSchemas.ALL,
            NetworkSchemas.ALL, GroupSchemas.ALL, BuildSchemas.ALL).flatMap(List::stream).toList();

    private Schemas() {}

    private static Schema list(String name, String member, Schema of) {
        return Schema.of(name, "", has(member, of.name() + "[]", ""));
    }
}
