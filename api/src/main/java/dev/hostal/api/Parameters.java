package dev.hostal.api;

import java.util.List;

/// Every variable of a path and every query parameter, for the documents. A name means the same wherever it stands.
final class Parameters {
    /// @param type as in OpenAPI
    record Parameter(String name, String type, boolean required, String text) {}

    static final List<Parameter> ALL = List.of(
            new Parameter("ref", "string", true, "A name, an id, or the beginning of an id that fits one instance only; the "
                    + "id of an operation."),
            new Parameter("snapshot", "string", true, "Name of a snapshot of the instance."),
            new Parameter("pool", "string", true, "Name of a pool."),
            new Parameter("talk", "string", true, "What the reply of a build says in `talk`."),
            new Parameter("network", "string", true, "Name of a network."),
            new Parameter("holder", "string", true, "Name of instances, whether there is one or not."),
            new Parameter("group", "string", true, "Name of a security group."),
            new Parameter("rule", "integer", true, "Number of a rule within its group."),
            new Parameter("from", "string", false, "Name or id of an instance, `host`, or an address outside."),
            new Parameter("to", "string", false, "Name or id of an instance, `host`, or an address outside."),
            new Parameter("protocol", "string", false, "`tcp`, `udp` or `icmp`."),
            new Parameter("port", "integer", false, "Of the receiver; none for `icmp`."),
            new Parameter("packets", "integer", false, "End after so many."),
            new Parameter("seconds", "integer", false, "End after that time; 60 where it is missing."),
            new Parameter("probe", "boolean", false, "Send a real packet, too."),
            new Parameter("nic", "string", true, "Name of the NIC's network, or its MAC address."),
            new Parameter("id", "string", true, "Id of a published port."),
            new Parameter("image", "string", true, "A reference such as `debian:12`; it may contain slashes."),
            new Parameter("volume", "string", true, "A volume's name, its id, or the beginning of an id that fits one only."),
            new Parameter("after", "integer", false, "Events with a greater sequence number, 0 for all that are kept; only "
                    + "new ones where it is missing."),
            new Parameter("type", "string", false, "Only events of this type, or of the types below it: `instance` is "
                    + "`instance.created`, `instance.phase` and so on."),
            new Parameter("subject", "string", false, "Only events of this instance's id or image's reference."),
            new Parameter("phase", "string", false, "Only instances in this phase."),
            new Parameter("label", "string", false, "Only instances with this label: `name` or `name=value`."),
            new Parameter("force", "boolean", false, "Ends a running machine first."),
            new Parameter("cold", "boolean", false, "Boots a new machine even where a checkpoint of the image is there."),
            new Parameter("timeout", "integer", false, "Seconds, 0 to 3600."),
            new Parameter("signal", "string", false, "Such as `TERM`, with or without `SIG`."),
            new Parameter("console", "boolean", false, "The console instead of the program's output."),
            new Parameter("follow", "boolean", false, "Goes on with what is written later, until the machine ends."),
            new Parameter("tail", "integer", false, "Only so many lines from the end, 0 to 100000."),
            new Parameter("since", "string", false, "Only what was written at this time or later, RFC 3339."),
            new Parameter("until", "string", false, "Only what was written before this time, RFC 3339."),
            new Parameter("arch", "string", false, "Only the image for this architecture, such as `aarch64`."),
            new Parameter("all", "boolean", false, "Also images, or volumes, that have a name."),
            new Parameter("references", "string", true, "References of images, parted by commas."),
            new Parameter("form", "string", false, "`docker` (the default), as `docker save` writes it, `oci`, an OCI image "
                    + "layout, or `qcow2`, the disk alone of one image that is one."),
            new Parameter("compression", "string", false, "Of the layers in OCI's form: `keep` (the default), as they are "
                    + "stored; `portable`, the same but gzip for zstd layers that were compressed here; `gzip`, `zstd` or `none`."),
            new Parameter("name", "string", false, "Reference that the image gets; an archive's own names then do not count, "
                    + "and it must hold one image."),
            new Parameter("program", "string", false, "JSON object with what runs by default: `entrypoint`, `command`, "
                    + "`env` (an array of `NAME=VALUE`), `user`, `workdir`."),
            new Parameter("path", "string", true, "Absolute path in the guest."),
            new Parameter("port", "integer", true, "1 to 65535."));

    private Parameters() {}

    static Parameter named(String name) {
        return ALL.stream().filter(parameter -> parameter.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no parameter is described as " + name));
    }
}
