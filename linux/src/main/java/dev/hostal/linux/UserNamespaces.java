package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// User namespaces in which a user who is not root is root over what is the user's own, made by unshare(1).
public final class UserNamespaces {
    /// Which users there are in one.
    public enum Users {
        /// The user, as root, and those whose numbers `/etc/subuid` and `/etc/subgid` give away to the user.
        MANY(List.of("--map-root-user", "--map-auto")),
        /// The user alone, as root.
        ONE(List.of("--map-root-user")),
        /// This host lets the user make none.
        NONE(List.of());

        private final List<String> words;

        Users(List<String> words) {
            this.words = words;
        }
    }

    private UserNamespaces() {}

    /// Found by trying, which takes some milliseconds.
    public static Users possible(Processes processes, Deadline deadline) throws IOException, InterruptedException {
        for (var users : List.of(Users.MANY, Users.ONE)) {
            if (processes.run(enter(users, List.of("--mount"), List.of("true")), deadline).status() == 0) return users;
        }
        return Users.NONE;
    }

    /// The command that runs a program in one.
    ///
    /// @param more words of unshare(1), such as `--mount`
    public static List<String> enter(Users users, List<String> more, List<String> program) {
        var argv = new ArrayList<>(List.of("unshare"));
        argv.addAll(users.words);
        argv.addAll(more);
        argv.add("--");
        argv.addAll(program);
        return argv;
    }
}
