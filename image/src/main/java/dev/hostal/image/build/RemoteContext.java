package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Processes;
import dev.hostal.spi.BuildSpec;
import java.io.IOException;
import java.util.Optional;

/// A context that the daemon fetches itself: a git repository, an archive, or a Dockerfile alone.
///
/// Source: docker build, "URL"; moby/buildkit, frontend/dockerui, for what counts as a repository.
final class RemoteContext {
    /// Of `--build-arg`: whether `.git` is in the context of a repository.
    private static final String KEEP = "BUILDKIT_CONTEXT_KEEP_GIT_DIR";
    private static final String GITHUB = "github.com/";

    private RemoteContext() {}

    /// @throws BuildException it is not there, or nothing that a context is
    static FileTree of(String where, BuildSpec spec, BuildStore store, Spool spool, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        var url = where.startsWith(GITHUB) ? "https://" + where : where;
        if (Fetching.isGit(url) || where.startsWith(GITHUB)) return repository(url, spec, store, spool, processes, deadline);
        if (!Fetching.isUrl(url)) throw new BuildException("%s is neither a URL nor a repository".formatted(where));
        var found = Download.of(url, spool, deadline);
        if (Fetching.isArchive(found.content().open())) {
            try (var tar = Fetching.plain(found.content().open())) {
                return spool.read(tar);
            }
        }
        var tree = new FileTree();
        try (var in = found.content().open()) {
            tree.put(Names.clean(Names.ofText(spec.dockerfile())),
                    Spool.file(Names.clean(Names.ofText(spec.dockerfile())), 0644, found.mtime(),
                    in.readNBytes(Builder.DOCKERFILE_MAX)));
        }
        return tree;
    }

    private static FileTree repository(String url, BuildSpec spec, BuildStore store, Spool spool, Processes processes,
            Deadline deadline) throws IOException, InterruptedException {
        var folder = store.temporary();
        try {
            boolean keep = "1".equals(spec.arguments().get(KEEP)) || "true".equals(spec.arguments().get(KEEP));
            var place = Repository.of(url).checkOut(folder, Optional.empty(), processes, deadline);
            return Repository.files(place, keep, spool, processes, deadline);
        } finally {
            Removal.of(folder, processes);
        }
    }
}
