package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Roots of machines made of the layers of images: a file for each, and a kernel where one is wanted.
final class LayerRoots {
    private final LayerFiles layers;
    private final Unpacking unpacking;
    private final Kernels kernels;

    LayerRoots(LayerFiles layers, Unpacking unpacking, Kernels kernels) {
        this.layers = layers;
        this.unpacking = unpacking;
        this.kernels = kernels;
    }

    RootImage withoutKernel(StoredImage image, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return new RootImage(image.digest().value(), image.arch(), layerFiles(image, progress, deadline), Optional.empty());
    }

    /// @param ownKernel that of the image, where it has one
    RootImage withKernel(StoredImage image, boolean ownKernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var files = layerFiles(image, progress, deadline);
        return new RootImage(image.digest().value(), image.arch(), files,
                kernel(image, ownKernel, files, progress, deadline));
    }

    private List<Path> layerFiles(StoredImage image, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        try {
            var all = findAll(image);
            if (all.isEmpty()) {
                layers.ensureProgram(progress, deadline);
                all = unpacking.ensureAll(image.manifest(), image.config(), progress, deadline);
            }
            return stack(all);
        } catch (IOException e) {
            throw Failures.problem("Image %s was not made ready".formatted(image.digest()), e);
        }
    }

    /// The files of all layers; empty where one is missing.
    private List<LayerFile> findAll(StoredImage image) throws IOException {
        var files = new ArrayList<LayerFile>();
        for (var diffId : image.config().diffIds()) {
            var file = layers.find(diffId);
            if (file.isEmpty()) return List.of();
            files.add(file.get());
        }
        return files;
    }

    /// Without layers that hold nothing, and without those that a higher one hides altogether.
    static List<Path> stack(List<LayerFile> all) {
        var stack = new ArrayList<LayerFile>();
        for (var layer : all) {
            if (layer.facts().removed().contains("")) stack.clear();
            if (layer.facts().entries() > 0) stack.add(layer);
        }
        // A machine needs a root, even one without files.
        if (stack.isEmpty()) stack.add(all.getLast());
        return stack.stream().map(LayerFile::squashfs).toList();
    }

    private GuestKernel kernel(StoredImage image, boolean ownKernel, List<Path> files, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var release = image.kernelRelease();
        if (!ownKernel || release.isEmpty()) return kernels.forArch(image.arch(), progress, deadline);
        var kernel = new Kernels.ImageKernel(image.digest().value(), image.arch(), release.get(), files);
        return kernels.fromImage(kernel, progress, deadline);
    }
}
