package dev.hostal.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Layers as the kernel shows them: squashfs on loop devices, with overlayfs over them. Needs root.
final class MountedLayers implements AutoCloseable {
    private final Path folder;
    private final List<Path> mounts = new ArrayList<>();

    /// @param layers lowest first
    MountedLayers(Path folder, List<Path> layers) throws IOException, InterruptedException {
        this.folder = folder;
        try {
            var lower = new ArrayList<String>();
            for (var layer : layers) {
                var place = Files.createDirectories(folder.resolve("layer-" + mounts.size()));
                Tools.run("mount", "-t", "squashfs", "-o", "loop,ro", layer.toString(), place.toString());
                mounts.addFirst(place);
                lower.addFirst(place.toString());
            }
            // One alone would need an upper one.
            lower.add(Files.createDirectories(folder.resolve("nothing")).toString());
            Files.createDirectories(root());
            Tools.run("mount", "-t", "overlay", "-o", "ro,lowerdir=" + String.join(":", lower), "layers",
                    root().toString());
            mounts.addFirst(root());
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    Path root() {
        return folder.resolve("root");
    }

    byte[] toTar() throws IOException, InterruptedException {
        return Tools.run("tar", "-C", root().toString(), "--format=posix", "--xattrs", "--xattrs-include=*",
                "--numeric-owner", "--sort=name", "-c", ".");
    }

    @Override public void close() throws IOException {
        try {
            for (var mount : mounts) {
                Tools.run("umount", mount.toString());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
