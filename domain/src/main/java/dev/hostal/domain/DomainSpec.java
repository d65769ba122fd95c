package dev.hostal.domain;

import static dev.hostal.base.Check.require;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// A program to be run in a domain of its own.
///
/// @param name unique under one runtime folder
/// @param env `NAME=value`; the program has no other environment
/// @param workdir absolute path in the domain
/// @param outputLog gets its standard output and error, appended
/// @param uid it runs as, without any other capability; ignored where the daemon is not root
/// @param binds what it sees beside the host's read-only /usr
/// @param devices such as /dev/kvm; it sees no others but null, zero, full, random and urandom
/// @param capabilities that it has, as root, such as `CAP_CHOWN`; none for most
/// @param hostNetwork shares the host's network (QEMU's user networking needs it); otherwise it has none
public record DomainSpec(
        String name,
        List<String> argv,
        List<String> env,
        String workdir,
        Path outputLog,
        int uid,
        int gid,
        List<Bind> binds,
        List<Path> devices,
        Limits limits,
        boolean hostNetwork,
        List<String> capabilities) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    public DomainSpec {
        require(isName(name), "the name of a domain is 1 to 63 of a-z, 0-9, '_' and '-': '%s'", name);
        require(!argv.isEmpty() && argv.getFirst().startsWith("/"), "a domain's program has an absolute path");
        require(workdir.startsWith("/"), "the work folder of a domain is absolute: %s", workdir);
        require(outputLog.isAbsolute(), "the log of a domain has an absolute path: %s", outputLog);
        require(uid >= 0 && gid >= 0, "user and group are numbers of at least 0");
        argv = List.copyOf(argv);
        env = List.copyOf(env);
        binds = List.copyOf(binds);
        devices = List.copyOf(devices);
        capabilities = List.copyOf(capabilities);
    }

    /// One without any capability.
    public DomainSpec(String name, List<String> argv, List<String> env, String workdir, Path outputLog, int uid, int gid,
            List<Bind> binds, List<Path> devices, Limits limits, boolean hostNetwork) {
        this(name, argv, env, workdir, outputLog, uid, gid, binds, devices, limits, hostNetwork, List.of());
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
