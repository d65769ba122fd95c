package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.Bind;
import dev.hostal.domain.DomainSpec;
import dev.hostal.domain.Domains;
import dev.hostal.domain.Limits;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The process that shares folders of the host with one machine: QEMU's virtiofsd, in a domain of its own in which there
/// is nothing but these folders. It ends with its QEMU. Source: QEMU 7.2, docs/tools/virtiofsd.rst.
final class FolderSharing {
    /// The one of QEMU's own source; the one that came after it has other options.
    static final Path PROGRAM = Path.of("/usr/lib/qemu/virtiofsd");
    static final String DOMAIN_PREFIX = "vmfs-";

    /// Where its domain has the folders, each under its number.
    private static final String ROOT = "/shared";
    /// It locks its socket there.
    private static final String LOCKS = "/var/run/virtiofsd";
    /// To act as the users of the guest, as the kernel does for a container's; not to make devices. The last two are for its
    /// beginning: with its root changed it drops them itself.
    private static final List<String> CAPABILITIES = List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
            "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SYS_CHROOT", "CAP_SETPCAP");
    /// Beside pages of the guest that it is the first to touch. Chosen.
    private static final Bytes ITSELF = Bytes.mib(256);
    private static final int THREADS = 128;
    private static final long LOOK_MILLIS = 3;

    private final MachineFiles files;
    private final GuestMounts mounts;

    private final Optional<UserSharing> user;

    /// @param user where the daemon is not root
    FolderSharing(MachineFiles files, GuestMounts mounts, Optional<UserSharing> user) {
        this.files = files;
        this.mounts = mounts;
        this.user = user;
    }

    static String domainName(String briefId) {
        return DOMAIN_PREFIX + briefId;
    }

    /// @throws Problem ENGINE_MISSING: this host cannot share folders with machines
    static void check(Path program) {
        if (!Files.isExecutable(program)) {
            throw new Problem(ErrorCode.ENGINE_MISSING, """
                    The program %s, which shares folders with virtual machines, is not on this host.
                    Maybe use a volume that is a disk (volume create --block --size 1g).""".formatted(program));
        }
    }

    /// Afterwards it listens, and the machine's user may connect.
    void start(Domains domains, Bytes guestMemory, int uid, Deadline deadline) throws IOException, InterruptedException {
        Folders.ensure(files.sharing(), "rwx--x--x");
        Folders.ensurePrivate(files.sharing().resolve("lock"));
        if (user.isPresent()) Folders.ensurePrivate(files.sharing().resolve("root"));
        Files.deleteIfExists(files.sharingSocket());
        var asRoot = domain(guestMemory);
        var domain = domains.start(user.map(own -> own.domain(files, mounts.shared(), asRoot)).orElse(asRoot), deadline);
        while (!Files.exists(files.sharingSocket())) {
            if (!domain.isAlive()) throw ended();
            if (deadline.isPast()) {
                throw new Problem(ErrorCode.TIMED_OUT, "The folders for instance %s were not shared in time."
                        .formatted(files.briefId()));
            }
            Thread.sleep(LOOK_MILLIS);
        }
        if (user.isEmpty()) Ownership.change(files.sharingSocket(), uid, uid);
    }

    static List<String> options(String root) {
        return List.of("-f", "--rlimit-nofile=0", "-o", "source=" + root, "-o", "sandbox=chroot", "-o", "announce_submounts",
                "-o", "xattr", "-o", "modcaps=-mknod", "-o", "log_level=warn");
    }

    private DomainSpec domain(Bytes guestMemory) {
        var argv = new ArrayList<>(List.of(PROGRAM.toString(), "--socket-path=" + files.sharingSocket()));
        argv.addAll(options(ROOT));
        var binds = new ArrayList<Bind>();
        binds.add(Bind.writable(files.sharing()));
        binds.add(new Bind(files.sharing().resolve("lock"), LOCKS, true));
        for (var shared : mounts.shared()) {
            binds.add(new Bind(shared.path(), ROOT + "/" + shared.name(), !shared.readOnly()));
        }
        return new DomainSpec(domainName(files.briefId()), argv, List.of("PATH=/usr/bin:/bin"), "/", files.sharingLog(),
                0, 0, binds, List.of(), new Limits(Optional.of(guestMemory.plus(ITSELF)), Optional.empty(),
                        OptionalInt.of(THREADS)), false, CAPABILITIES);
    }

    private Problem ended() throws IOException {
        return new Problem(ErrorCode.DRIVER_FAILED, "The folders for instance %s cannot be shared; nothing of it runs. %s"
                .formatted(files.briefId(), BootStage.tail(files.sharingLog(), 0)));
    }
}
