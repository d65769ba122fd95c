package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// The JSON objects about looking after instances that exist.
final class UpkeepSchemas {
    static final Schema UPDATE = Schema.of("UpdateInstance", "What is to be different. What is missing stays as it is.",
            may("cpus", "integer", "1 to 512; of a virtual machine only while it does not run."),
            may("memory", "integer", "Bytes; of a virtual machine only while it does not run."),
            may("limits", "Limits", "Those of its members that are there."),
            may("restart", "string", "`no`, `on-failure[:TIMES]`, `always` or `unless-stopped`."));

    static final Schema PROCESS = Schema.of("Process", "A process in an instance.",
            has("pid", "integer", "Of a container the host's number, of a virtual machine the guest's."),
            has("parent", "integer", ""),
            has("state", "string", "A letter, as of ps(1)."),
            has("time", "string", "Of CPUs, such as `0:00:07`."),
            has("command", "string", ""));
    static final Schema PROCESSES = Schema.of("Processes", "", has("processes", "Process[]", ""));

    static final Schema FILE_CHANGE = Schema.of("FileChange", "What has become of a path since the image.",
            has("sort", "string", "`added`, `changed` or `deleted`."),
            has("path", "string", "Absolute."));
    static final Schema CHANGES = Schema.of("FileChanges", "", has("changes", "FileChange[]", "By path."));

    static final Schema COMMIT = Schema.of("CommitInstance", "The image to make of an instance.",
            has("image", "string", "Its name, with a tag; another image that has it loses it."),
            may("author", "string", ""),
            may("comment", "string", "Why, in its history."),
            may("changes", "string[]", "Instructions of a Dockerfile, such as `CMD [\"run\"]`, for its configuration."),
            may("pause", "boolean", "Whether it stands still meanwhile; it does unless this is `false`."));

    static final Schema PRUNED_INSTANCES = Schema.of("PrunedInstances", "What was deleted.",
            has("instances", "string[]", "Names."));

    static final List<Schema> ALL = List.of(UPDATE, PROCESS, PROCESSES, FILE_CHANGE, CHANGES, COMMIT, PRUNED_INSTANCES);

    private UpkeepSchemas() {}
}
