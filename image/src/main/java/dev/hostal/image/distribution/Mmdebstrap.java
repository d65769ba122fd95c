package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.image.ImageSource.Built;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.oci.ImageConfig;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The command line of mmdebstrap(1) for one image.
///
/// @param customize a program that gets the new root as its argument
/// @param work for all that it writes, beside the tar on its standard output
record Mmdebstrap(DebianRelease release, Arch arch, List<AptEntry> sources, AptSettings settings, Path customize,
        Path work, boolean isRoot) {
    /// A system that boots, answers SSH and can be asked of its network; nothing that is only recommended.
    static final List<String> PACKAGES = List.of("systemd", "systemd-sysv", "dbus", "udev", "iproute2", "procps",
            "openssh-server", "ca-certificates", "netbase", "iputils-ping");
    /// systemd's groups get numbers of their own before systemd would take 999 and 998, which are free in Docker's
    /// Debian images: well-known Dockerfiles give them to users of their own. Source for the numbers: Fedora's setup
    /// package.
    private static final String GROUPS = "printf 'systemd-journal:*:190:\\nsystemd-network:*:192:\\n' >>\"$1/etc/group\"; "
            + "printf 'systemd-network:*:192:192:systemd Network Management:/:/usr/sbin/nologin\\n' >>\"$1/etc/passwd\"";
    private static final Path HOOKS = Path.of("/usr/share/mmdebstrap/hooks/maybe-merged-usr");

    List<String> argv(boolean hasMergedUsrHook) {
        var argv = new ArrayList<String>();
        // As root it mounts in the host's namespace, and when it is killed the mounts of /proc and /sys stay.
        if (isRoot) argv.addAll(List.of("unshare", "--mount", "--"));
        argv.addAll(List.of("mmdebstrap",
                "--mode=" + (isRoot ? "root" : "unshare"),
                "--variant=minbase",
                "--format=tar",
                "--verbose",
                "--architectures=" + arch.debian(),
                "--aptopt=APT::Install-Recommends \"false\"",
                "--aptopt=Acquire::Languages \"none\"",
                // The root lies in memory or is thrown away when the host fails: nothing needs to reach a disk.
                "--dpkgopt=force-unsafe-io"));
        settings.values().forEach((name, value) -> argv.add("--aptopt=%s \"%s\"".formatted(name, value)));
        // Without it, this one release installs Perl just to move the files of its first packages.
        if (release == DebianRelease.BOOKWORM && hasMergedUsrHook) argv.add("--hook-dir=" + HOOKS);
        argv.add("--essential-hook=" + GROUPS);
        argv.add("--customize-hook=" + customize);
        argv.add("--include=" + packages(hasMergedUsrHook).stream().collect(Collectors.joining(",")));
        argv.add(release.codename());
        argv.add("-");
        sources.forEach(entry -> argv.addAll(entry.toLines()));
        return List.copyOf(argv);
    }

    Built start(Processes processes, ImageConfig config, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var command = Command.of(argv(Files.isDirectory(HOOKS))).withEnv("TMPDIR", work.toString());
        var system = "Debian " + release.codename();
        // Said here too: with a hook of its own before the packages, mmdebstrap does not say it.
        progress.report("asking for the packages of " + system);
        var lines = new MmdebstrapProgress(system, progress);
        return MmdebstrapBuilt.start(processes, command, config, work, lines, deadline);
    }

    private List<String> packages(boolean hasMergedUsrHook) {
        var packages = new ArrayList<>(PACKAGES);
        if (release == DebianRelease.BOOKWORM && hasMergedUsrHook) packages.add("usr-is-merged");
        return packages;
    }
}
