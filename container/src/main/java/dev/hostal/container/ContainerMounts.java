package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Folders;
import dev.hostal.spi.MachineMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a container sees beside its image. The agent makes a place for each out of descriptors (see mounts.c), and the
/// runtime binds that place: no name that a container could exchange is looked up twice.
///
/// @param folder where the places are, seen by the agent and the runtime only
/// @param users of the container's own, empty where it has the host's
record ContainerMounts(Path folder, List<MachineMount> all, Optional<OwnUsers> users) {
    static final ContainerMounts NONE = new ContainerMounts(Path.of("/"), List.of(), Optional.empty());

    private static final String SLAVE = "rslave";

    ContainerMounts {
        all = List.copyOf(all);
    }

    /// What the runtime is to mount: its own mounts and these, those above others first; of two at the same place the
    /// container's own goes.
    List<JsonObject> with(List<JsonObject> own) {
        if (all.isEmpty()) return own;
        var targets = all.stream().map(MachineMount::target).collect(Collectors.toSet());
        var mounts = new ArrayList<JsonObject>();
        for (var mount : own) {
            if (!targets.contains(mount.text("destination"))) mounts.add(mount);
        }
        for (int i = 0; i < all.size(); i++) {
            mounts.add(toJson(all.get(i), place(i)));
        }
        mounts.sort(Comparator.comparingInt(mount -> Path.of(mount.text("destination")).getNameCount()));
        return mounts;
    }

    /// How mounts made on the host later come into the container, if any mount asks for it.
    /// Source: OCI runtime-spec, config-linux.md, "Rootfs Mount Propagation".
    List<String> rootPropagation() {
        var wanted = all.stream().map(ContainerMounts::propagation).collect(Collectors.toSet());
        if (wanted.contains("shared") || wanted.contains("rshared")) return List.of("rshared");
        return wanted.contains("slave") || wanted.contains(SLAVE) ? List.of(SLAVE) : List.of();
    }

    /// What the agent reads: six texts a mount, each with a zero at its end.
    void write(Path file) throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            var mount = all.get(i);
            switch (mount.source()) {
                case MachineMount.Folder source -> put(text, place(i).toString(), source.path().toString(),
                        source.below(), (source.recursive() ? "r" : "") + (source.filled() ? "f" : ""), mount.target(),
                        source.idmap().filter(map -> !map.equals(MachineMount.Folder.OWN)).or(() -> source.idmap()
                                .flatMap(_ -> users.map(OwnUsers::map))).orElse(""));
                case MachineMount.Disk(var disk, _) -> put(text, place(i).toString(), disk.toString(), "",
                        mount.readOnly() ? "dR" : "d", mount.target(), "");
                case MachineMount.Memory _ -> { }
                case MachineMount.Layers _ -> throw layered(mount);
            }
        }
        if (text.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Folders.ensurePrivate(folder);
        Files.writeString(file, text);
    }

    /// The core refuses it before.
    private static Problem layered(MachineMount mount) {
        return new Problem(ErrorCode.UNSUPPORTED, "What is to be mounted at %s is a qcow2 file.".formatted(mount.target()));
    }

    private static void put(StringBuilder text, String... values) {
        for (var value : values) {
            text.append(value).append('\0');
        }
    }

    private Path place(int index) {
        return folder.resolve(Integer.toString(index));
    }

    private static String propagation(MachineMount mount) {
        return mount.source() instanceof MachineMount.Folder folder ? folder.propagation().orElse("rprivate") : "rprivate";
    }

    private static JsonObject toJson(MachineMount mount, Path place) {
        var options = new ArrayList<String>();
        var json = new JsonObject().put("destination", mount.target());
        switch (mount.source()) {
            case MachineMount.Folder source -> {
                json.put("type", "bind").put("source", place.toString());
                options.add(source.recursive() ? "rbind" : "bind");
                options.add(propagation(mount));
            }
            case MachineMount.Disk _ -> {
                json.put("type", "bind").put("source", place.toString());
                options.addAll(List.of("bind", "rprivate"));
            }
            case MachineMount.Layers _ -> throw layered(mount);
            case MachineMount.Memory memory -> {
                json.put("type", "tmpfs").put("source", "tmpfs");
                options.addAll(List.of("nosuid", "nodev"));
                if (!memory.exec()) options.add("noexec");
                memory.size().map(Bytes::count).ifPresent(count -> options.add("size=" + count));
                memory.mode().ifPresent(mode -> options.add("mode=" + mode));
            }
        }
        options.add(mount.readOnly() ? "ro" : "rw");
        return json.putTexts("options", options);
    }
}
