package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a machine must have for the state of another one to fit into it.
///
/// @param layers how many read-only disks; their content is told apart by the image
/// @param image digest of the root image
/// @param nics the place, the kind and the MTU of each, which decide what a NIC can do
/// @param layout number of the way in which devices are laid out, see [#LAYOUT]
record Hardware(Arch arch, Accelerator accelerator, int cpus, Bytes memory, int layers, String image,
        List<String> nics, int layout) {
    /// Another one whenever devices are added to every machine, or moved. 1: without ports; 2: with ports for NICs.
    static final int LAYOUT = 2;
    private static final int FIRST_LAYOUT = 1;

    Hardware {
        nics = List.copyOf(nics);
    }

    /// Laid out as now.
    Hardware(Arch arch, Accelerator accelerator, int cpus, Bytes memory, int layers, String image, List<String> nics) {
        this(arch, accelerator, cpus, memory, layers, image, nics, LAYOUT);
    }

    static Hardware of(MachineSpec spec, Accelerator accelerator) {
        return new Hardware(spec.arch(), accelerator, spec.cpus(), spec.memory(), spec.root().layers().size(),
                spec.root().digest(), kinds(spec.nics()));
    }

    /// The same with other NICs.
    Hardware with(List<MachineNic> others) {
        return with(cpus, memory, others);
    }

    /// The same with another size and other NICs.
    Hardware with(int cpus, Bytes memory, List<MachineNic> others) {
        return new Hardware(arch, accelerator, cpus, memory, layers, image, kinds(others), layout);
    }

    private static List<String> kinds(List<MachineNic> nics) {
        return nics.stream().map(Hardware::kind).toList();
    }

    private static String kind(MachineNic nic) {
        var way = switch (nic.way()) {
            case MachineNic.Way.User _ -> "user";
            case MachineNic.Way.Bridge _ -> "bridge";
            case MachineNic.Way.Parent _ -> "parent";
            case MachineNic.Way.Host _, MachineNic.Way.Joined _ -> "host";
        };
        return nic.place() + " " + way + " " + nic.mtu();
    }

    /// What is different about the other one, in words; empty where a state fits.
    List<String> differences(Hardware other) {
        var differences = new ArrayList<String>();
        if (arch != other.arch) differences.add("architecture");
        if (accelerator != other.accelerator) differences.add("accelerator");
        if (cpus != other.cpus) differences.add("number of CPUs");
        if (!memory.equals(other.memory)) differences.add("memory");
        if (layers != other.layers || !image.equals(other.image)) differences.add("image");
        if (!nics.equals(other.nics)) differences.add("kind of network");
        if (layout != other.layout) differences.add("layout of devices");
        return differences;
    }

    /// Its size, where each NIC sits and what kind it is, for people.
    String inWords() {
        return "%d %s, %s, %s".formatted(cpus, cpus == 1 ? "CPU" : "CPUs", memory,
                nics.isEmpty() ? "no NIC" : nics.stream().map(Hardware::inWords).collect(Collectors.joining(", ")));
    }

    private static String inWords(String nic) {
        var parts = nic.split(" ");
        return "NIC %s (%s, MTU %s)".formatted(parts[0], parts[1], parts[2]);
    }

    JsonObject toJson() {
        return new JsonObject().put("arch", arch.word()).put("accelerator", accelerator.word()).put("cpus", cpus)
                .put("memory", memory.count()).put("layers", layers).put("image", image)
                .putTexts("nics", nics).put("layout", layout);
    }

    static Hardware from(JsonObject json) {
        return new Hardware(Arch.parse(json.text("arch")), Accelerator.parse(json.text("accelerator")),
                (int) json.integer("cpus", 1, Integer.MAX_VALUE), new Bytes(json.integer("memory", 0, Long.MAX_VALUE)),
                (int) json.integer("layers", 0, Integer.MAX_VALUE), json.text("image"), json.texts("nics"),
                json.has("layout") ? (int) json.integer("layout", 1, Integer.MAX_VALUE) : FIRST_LAYOUT);
    }
}
