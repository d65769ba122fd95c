package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// A git repository as `ADD` names it: `REMOTE[#REF[:FOLDER]]`. Source: Dockerfile reference, "ADD <Git ref>".
///
/// @param ref a branch, a tag or a commit; empty: what its HEAD is
record Repository(String remote, String ref, String folder) {
    /// What git may speak; no files of this host.
    private static final String PROTOCOLS = "http:https:git:ssh";

    static Repository of(String source) {
        int hash = source.indexOf('#');
        var rest = hash < 0 ? "" : source.substring(hash + 1);
        int colon = rest.indexOf(':');
        var ref = colon < 0 ? rest : rest.substring(0, colon);
        if (ref.startsWith("-")) throw new BuildException("'%s' is no name of a branch, tag or commit".formatted(ref));
        return new Repository(hash < 0 ? source : source.substring(0, hash), ref,
                colon < 0 ? "" : Names.clean(rest.substring(colon + 1)));
    }

    /// Checks out into an empty folder.
    ///
    /// @return where the wanted files are
    /// @throws BuildException it is not there, or another commit than wanted
    Path checkOut(Path into, Optional<String> checksum, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        var git = new Git(into, processes, deadline);
        git.run("init", "--quiet", into.toString()).orThrow("making a repository");
        var wanted = ref.isEmpty() ? "HEAD" : ref;
        var there = "FETCH_HEAD";
        // Servers may refuse a commit that no branch is at, and old ones refuse to send less than everything.
        if (git.in("fetch", "--quiet", "--depth", "1", "--no-tags", "--", remote, wanted).status() != 0) {
            var all = git.in("fetch", "--quiet", "--tags", "--", remote, "+refs/heads/*:refs/remotes/origin/*",
                    "+HEAD:refs/remotes/origin/HEAD");
            if (all.status() != 0) throw new BuildException("git fetch of %s failed: %s".formatted(remote, all.stderr().strip()));
            there = wanted.equals("HEAD") ? "refs/remotes/origin/HEAD" : found(git, wanted);
        }
        var out = git.in("-c", "advice.detachedHead=false", "checkout", "--quiet", there, "--");
        if (out.status() != 0) throw new BuildException("git checkout of %s failed: %s".formatted(wanted, out.stderr().strip()));
        var commit = git.in("rev-parse", "HEAD").orThrow("asking for the commit").stdout().strip();
        if (checksum.isPresent() && !commit.startsWith(checksum.get())) throw new BuildException(
                "expected checksum to match %s, got %s".formatted(checksum.get(), commit));
        var modules = git.in("submodule", "update", "--quiet", "--init", "--recursive", "--depth", "1");
        if (modules.status() != 0) {
            throw new BuildException("git submodule update of %s failed: %s".formatted(remote,
                    modules.stderr().strip()));
        }
        var place = into.resolve(folder);
        if (!Files.isDirectory(place) || !place.toRealPath().startsWith(into.toRealPath())) throw new BuildException(
                "%s has no folder %s".formatted(remote, folder));
        return place;
    }

    /// The files of a folder of a repository, as they belong to root.
    ///
    /// @param keep `.git` too
    static FileTree files(Path folder, boolean keep, Spool spool, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of("tar", "-C", folder.toString(), "--sort=name", "--numeric-owner",
                "--owner=0", "--group=0", "--format=posix", "-cf", "-"));
        if (!keep) argv.add("--exclude=./.git");
        argv.add(".");
        var read = new AtomicReference<FileTree>();
        processes.run(Command.of(argv).withStdoutTo(stdout -> read.set(spool.read(stdout))), deadline)
                .orThrow("reading a repository");
        return read.get();
    }

    private String found(Git git, String wanted) throws IOException, InterruptedException {
        for (var name : List.of("refs/remotes/origin/" + wanted, "refs/tags/" + wanted, wanted)) {
            if (git.in("rev-parse", "--quiet", "--verify", name + "^{commit}").status() == 0) return name;
        }
        throw new BuildException("%s has no branch, tag or commit '%s'".formatted(remote, wanted));
    }

    private record Git(Path folder, Processes processes, Deadline deadline) {
        Exit in(String... words) throws IOException, InterruptedException {
            var all = new ArrayList<>(List.of("-C", folder.toString()));
            all.addAll(List.of(words));
            return run(all.toArray(String[]::new));
        }

        Exit run(String... words) throws IOException, InterruptedException {
            var argv = new ArrayList<>(List.of("git", "-c", "core.hooksPath=/dev/null"));
            argv.addAll(List.of(words));
            return processes.run(Command.of(argv).withEnv("GIT_TERMINAL_PROMPT", "0").withEnv("GIT_CONFIG_NOSYSTEM", "1")
                    .withEnv("GIT_CONFIG_GLOBAL", "/dev/null").withEnv("GIT_ALLOW_PROTOCOL", PROTOCOLS), deadline);
        }
    }
}
