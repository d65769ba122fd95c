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

    static final Schema PRUNED_INSTANCES = Schema.of("PrunedInstances", "What was deleted.",
            has("instances", "string[]", "Names."));

    static final List<Schema> ALL = List.of(UPDATE, PROCESS, PROCESSES, PRUNED_INSTANCES);

    private UpkeepSchemas() {}
}
