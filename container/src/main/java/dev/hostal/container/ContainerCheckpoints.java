package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Folders;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Checkpoints of containers, a folder each: `images`, written by CRIU, and `checkpoint.json`. A folder appears under its
/// name whole.
final class ContainerCheckpoints {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{24}");
    private static final String UNFINISHED = ".new";
    private static final List<String> INVENTORY = List.of("inventory.img", "pstree.img");

    /// Where one is.
    record Place(Path folder) {
        Path images() {
            return folder.resolve("images");
        }

        Path record() {
            return folder.resolve("checkpoint.json");
        }
    }

    private final Path folder;

    ContainerCheckpoints(Path folder) {
        this.folder = folder;
    }

    boolean exists(CheckpointId id) {
        return Files.isDirectory(place(id).folder());
    }

    /// @throws Problem DISK_DAMAGED
    Path images(CheckpointId id) {
        var images = place(id).images();
        if (!exists(id)) throw damaged(id, "there is no folder " + place(id).folder());
        // Source: CRIU's images(5): what every dump begins with.
        for (var name : INVENTORY) {
            if (!Files.exists(images.resolve(name))) throw damaged(id, "there is no file " + images.resolve(name));
        }
        return images;
    }

    /// An empty place for one that is being made.
    Place begin(CheckpointId id) throws IOException {
        var place = new Place(folder.resolve(id.value() + UNFINISHED));
        Folders.ensurePrivate(folder);
        Folders.ensureAbsent(place.folder());
        Files.createDirectories(place.images());
        return place;
    }

    void finish(CheckpointId id, DiskId disk) throws IOException {
        var place = new Place(folder.resolve(id.value() + UNFINISHED));
        Files.writeString(place.record(), new JsonObject().put("version", 1).put("disk", disk.value()).toPrettyText());
        Files.move(place.folder(), place(id).folder(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Problem damaged(CheckpointId id, String why) {
        return new Problem(ErrorCode.DISK_DAMAGED, "The checkpoint %s cannot be used: %s.".formatted(id, why));
    }

    void ensureAbsent(CheckpointId id) throws IOException {
        Folders.ensureAbsent(place(id).folder());
        Folders.ensureAbsent(folder.resolve(id.value() + UNFINISHED));
    }

    List<Checkpoint> all() throws IOException {
        var all = new ArrayList<Checkpoint>();
        for (var name : Folders.names(folder)) {
            if (!NAME.matcher(name).matches()) continue;
            var place = place(new CheckpointId(name));
            try {
                // None where it is being deleted.
                var disk = JsonFile.read(place.record(), json -> new DiskId(json.text("disk")));
                if (disk.isEmpty()) continue;
                var used = Folders.used(place.folder());
                all.add(new Checkpoint(new CheckpointId(name), disk.get(), used, used));
            } catch (IOException _) {
                // Nobody can tell any more what it was; it is removed by its id, as any other.
            }
        }
        return all;
    }

    private Place place(CheckpointId id) {
        return new Place(folder.resolve(id.value()));
    }
}
