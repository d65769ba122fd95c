package dev.hostal.image.build;

import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerCompression;
import dev.hostal.spi.BuildSpec;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What stands for the names of stages and images in one build (`--build-context`): other images, and folders of whoever asked.
/// Any thread may ask.
///
/// Source: Dockerfile reference, "COPY --from", and moby/buildkit, frontend/dockerui: how they are written.
final class NamedContexts implements AutoCloseable {
    private static final String IMAGE = "docker-image://";
    private static final String LOCAL = "local:";

    private final BuildSpec spec;
    private final BuildStore store;
    // Under this object's lock.
    private final Map<String, FileTree> trees = new HashMap<>();
    private final Map<String, Spool> spools = new HashMap<>();

    NamedContexts(BuildSpec spec, BuildStore store) {
        this.spec = spec;
        this.store = store;
    }

    /// Whether something else stands for that name.
    boolean has(String name) {
        return find(name).isPresent();
    }

    private Optional<String> find(String name) {
        var all = spec.asked().contexts();
        return Optional.ofNullable(all.get(name)).or(() -> name.endsWith(":latest")
                ? Optional.ofNullable(all.get(name.substring(0, name.length() - ":latest".length()))) : Optional.empty());
    }

    /// The image that stands for that name.
    Optional<String> image(String name) {
        return find(name).filter(where -> where.startsWith(IMAGE)).map(where -> where.substring(IMAGE.length()));
    }

    /// The files of the folder that stands for that name; fetched once.
    ///
    /// @throws BuildException there is none, or it is something else
    synchronized FileTree tree(String name) throws IOException, InterruptedException {
        var where = find(name).orElseThrow(() -> new BuildException("there is no context %s".formatted(name)));
        if (!where.startsWith(LOCAL)) throw new BuildException("the context %s (%s) is not possible with Hostal: a folder, or docker-image://"
                .formatted(name, where));
        var known = trees.get(where);
        if (known != null) return known;
        var stream = spec.asked().caller().context(where.substring(LOCAL.length()))
                .orElseThrow(() -> new BuildException("the context %s was not given to the build".formatted(name)));
        var spool = new Spool(store.temporary());
        spools.put(where, spool);
        try (stream; var tar = LayerCompression.open(stream)) {
            var owned = new FileTree();
            spool.read(tar).below("").forEach((file, node) -> owned.put(file, StageBuild.ofRoot(node)));
            trees.put(where, owned);
            return owned;
        } catch (BadLayerException | EOFException e) {
            throw new BuildException("the context %s is no tar archive as it should be: %s".formatted(name, e.getMessage()), e);
        }
    }

    @Override public synchronized void close() throws IOException {
        for (var spool : spools.values()) spool.close();
        spools.clear();
    }
}
