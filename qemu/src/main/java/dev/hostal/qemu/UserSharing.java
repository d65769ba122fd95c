package dev.hostal.qemu;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.DomainSpec;
import dev.hostal.linux.UserNamespaces;
import dev.hostal.linux.UserNamespaces.Users;
import dev.hostal.qemu.GuestMounts.Shared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Folders shared by a user who is not root: virtiofsd is root in a user namespace of its own, in which there is nothing but
/// these folders. The agent's program puts them together there; see its `share.c`.
///
/// @param agent its program
/// @param users who the guest's users can be on the host
record UserSharing(Path agent, Users users) {
    static final Duration TRY_MAX = Duration.ofSeconds(10);

    UserSharing {
        if (users == Users.NONE) throw new Problem(ErrorCode.UNSUPPORTED, """
                This daemon is not root, and this host lets it make no user namespace, in which folders and volumes of files are \
                shared with virtual machines.
                Maybe allow them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or use a volume that is a \
                disk (volume create --block --size 1g).""");
    }

    DomainSpec domain(MachineFiles files, List<Shared> folders, DomainSpec asRoot) {
        var root = files.sharing().resolve("root");
        var argv = new ArrayList<>(List.of(agent.toString(), "--share", files.sharingSocket().toString(), root.toString(),
                users == Users.ONE ? "one" : "many"));
        for (var folder : folders) {
            argv.addAll(List.of(folder.name(), folder.readOnly() ? "ro" : "rw", folder.path().toString()));
        }
        argv.addAll(List.of("--", FolderSharing.PROGRAM.toString(), "--fd=3"));
        argv.addAll(FolderSharing.options(root.toString()));
        var entered = new ArrayList<>(UserNamespaces.enter(users, List.of("--mount", "--net", "--ipc"), argv));
        entered.set(0, "/usr/bin/" + entered.getFirst());
        return new DomainSpec(asRoot.name(), entered, asRoot.env(), "/", asRoot.outputLog(), 0, 0, List.of(), List.of(),
                asRoot.limits(), false, List.of());
    }
}
