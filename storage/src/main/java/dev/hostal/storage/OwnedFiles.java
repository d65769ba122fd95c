package dev.hostal.storage;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.linux.UserNamespaces;
import dev.hostal.linux.UserNamespaces.Users;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Files of volumes whose owners may be others than this process: those of a guest's users have numbers that were given away to
/// this user (subuid(5)), and only in a user namespace are they this user's own.
///
/// @param root no such namespace is needed
record OwnedFiles(Processes processes, boolean root) {
    private static final Duration TRY_MAX = Duration.ofSeconds(10);
    /// How long removing or counting may take. Chosen.
    private static final Duration WALK_MAX = Duration.ofMinutes(10);

    /// The command, where it may touch all of them.
    List<String> as(List<String> argv, Deadline deadline) throws IOException, InterruptedException {
        if (root) return argv;
        return UserNamespaces.possible(processes, deadline.orIn(TRY_MAX)) == Users.MANY
                ? UserNamespaces.enter(Users.MANY, List.of(), argv) : argv;
    }

    void ensureAbsent(Path folder) throws IOException {
        try {
            Folders.ensureAbsent(folder);
        } catch (AccessDeniedException notOurs) {
            run(List.of("rm", "-rf", "--one-file-system", "--", folder.toString()), "removing " + folder, notOurs);
        }
    }

    Bytes used(Path folder) throws IOException {
        try {
            return UsedSpace.of(folder);
        } catch (AccessDeniedException notOurs) {
            var said = run(List.of("du", "--summarize", "--block-size=1", "--", folder.toString()),
                    "looking into " + folder, notOurs);
            return new Bytes(Long.parseLong(said.split("\\s+")[0]));
        }
    }

    private String run(List<String> argv, String doing, AccessDeniedException notOurs) throws IOException {
        if (root) throw notOurs;
        try {
            return processes.run(UserNamespaces.enter(Users.MANY, List.of(), argv), Deadline.in(WALK_MAX))
                    .orThrow(doing).stdout();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + doing, e);
        }
    }
}
