package dev.hostal.cli.ssh;

import dev.hostal.api.ExecV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.cli.Session;
import dev.hostal.client.Hostal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes a guest ready for a login by SSH and logs in.
public final class GuestSsh {
    /// How long a guest that boots may take until its SSH server listens. Chosen: a Debian under emulation.
    private static final Duration LISTENING_MAX = Duration.ofSeconds(90);
    private static final int POLL_MILLIS = 500;
    private static final int NO_SERVER = 42;
    private static final int NO_USER = 43;
    private static final int NOT_LISTENING = 44;

    /// Puts the key (`$2`) into the user's (`$1`) authorized keys and looks for the server. POSIX sh, without programs
    /// that a small guest may lack. A port is in hexadecimal in /proc/net/tcp, state 0A is listening (proc(5)).
    private static final String PUT_KEY = """
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            command -v sshd >/dev/null 2>&1 || command -v dropbear >/dev/null 2>&1 || exit 42
            found=
            while IFS=: read -r name x uid gid gecos home shell; do
                if [ "$name" = "$1" ]; then found=1; break; fi
            done </etc/passwd
            [ -n "$found" ] || exit 43
            set -e
            umask 077
            mkdir -p "$home/.ssh"
            file=$home/.ssh/authorized_keys
            there=
            if [ -f "$file" ]; then
                while read -r line; do
                    if [ "$line" = "$2" ]; then there=1; fi
                done <"$file"
            fi
            [ -n "$there" ] || printf '%s\\n' "$2" >>"$file"
            chown "$uid:$gid" "$home/.ssh" "$file"
            for table in /proc/net/tcp /proc/net/tcp6; do
                [ -r "$table" ] || continue
                while read -r slot local remote state rest; do
                    case $local:$state in *:0016:0A) exit 0 ;; esac
                done <"$table"
            done
            exit 44
            """;

    private final Session session;
    private final Hostal hostal;
    private final Path folder;

    /// @param folder for keys, private
    public GuestSsh(Session session, Hostal hostal, Path folder) {
        this.session = session;
        this.hostal = hostal;
        this.folder = folder;
    }

    /// Afterwards the guest has our key and its server listens.
    public void prepare(InstanceV1 instance, String user) throws IOException, InterruptedException {
        ensureKey();
        var key = Files.readString(folder.resolve("id_ed25519.pub")).strip();
        long until = System.nanoTime() + LISTENING_MAX.toNanos();
        while (true) {
            var stderr = new ByteArrayOutputStream();
            int status = exec(instance, List.of("/bin/sh", "-c", PUT_KEY, "sh", user, key), stderr);
            switch (status) {
                case 0 -> {
                    return;
                }
                case NO_SERVER -> throw new IOException("""
                        The guest %s has no SSH server.
                        Maybe 'hostal exec -it %s sh' does what you need."""
                        .formatted(instance.name(), instance.name()));
                case NO_USER -> throw new IOException("The guest %s has no user %s.".formatted(instance.name(), user));
                case NOT_LISTENING -> {
                    if (System.nanoTime() > until) {
                        throw new IOException("""
                                The SSH server of %s does not listen after %d s.
                                Maybe start it, or use 'hostal exec -it %s sh'.""".formatted(
                                instance.name(), LISTENING_MAX.toSeconds(), instance.name()));
                    }
                    Thread.sleep(POLL_MILLIS);
                }
                default -> throw new IOException("The key could not be put into the guest %s (status %d): %s"
                        .formatted(instance.name(), status, stderr.toString(StandardCharsets.UTF_8).strip()));
            }
        }
    }

    private int exec(InstanceV1 instance, List<String> argv, ByteArrayOutputStream stderr) throws IOException {
        var body = new ExecV1(argv, Map.of(), Optional.of("0"), Optional.of("/"), false, false, 0, 0);
        try (var streams = hostal.exec(instance.id(), body)) {
            return streams.receive(new Hostal.Streams.Sink() {
                @Override public void stdout(byte[] bytes, int offset, int length) {
                    // Prints nothing.
                }

                @Override public void stderr(byte[] bytes, int offset, int length) {
                    stderr.write(bytes, offset, length);
                }
            }).orElse(1);
        }
    }

    /// Runs OpenSSH on this process's own streams.
    ///
    /// @return its exit status
    public int run(InstanceV1 instance, String user, List<String> options, List<String> command)
            throws IOException, InterruptedException {
        var knownHosts = Files.createDirectories(folder.resolve("known_hosts")).resolve(instance.id());
        var argv = new ArrayList<>(List.of("ssh",
                "-F", "none",
                "-i", folder.resolve("id_ed25519").toString(),
                "-o", "IdentitiesOnly=yes",
                "-o", "UserKnownHostsFile=\"" + knownHosts + "\"",
                "-o", "StrictHostKeyChecking=accept-new",
                "-o", "HostKeyAlias=" + instance.id(),
                "-o", "LogLevel=ERROR",
                "-o", "ProxyCommand=" + proxyCommand(instance),
                "-l", user));
        argv.addAll(options);
        argv.add("--");
        argv.add(instance.name());
        argv.addAll(command);
        session.out().flush();
        // Ctrl-C is for ssh, which is in the same process group.
        try (var _ = session.signals().on("INT", () -> {})) {
            return new ProcessBuilder(argv).inheritIO().start().waitFor();
        } catch (IOException notThere) {
            throw new IOException("OpenSSH cannot be run: " + notThere.getMessage()
                    + "\nMaybe install the package openssh-client.", notThere);
        }
    }

    /// OpenSSH hands it to a shell, after it has replaced what stands after `%`. Source: ssh_config(5).
    private String proxyCommand(InstanceV1 instance) {
        var quoted = "'" + session.launcher().toString().replace("'", "'\\''").replace("%", "%%") + "'";
        return quoted + " connect-stdio " + instance.id() + " 22";
    }

    /// A key pair of Hostal's own, made once, whoever comes first.
    private void ensureKey() throws IOException, InterruptedException {
        var key = folder.resolve("id_ed25519");
        if (Files.exists(key.resolveSibling("id_ed25519.pub"))) return;
        var privately = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(folder, privately);
        var lock = folder.resolve("lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (Files.exists(key.resolveSibling("id_ed25519.pub"))) return;
            // Half a pair of an earlier try would make ssh-keygen ask.
            Files.deleteIfExists(key);
            var argv = List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "hostal", "-f", key.toString());
            var keygen = new ProcessBuilder(argv).redirectErrorStream(true).start();
            keygen.getOutputStream().close();
            var said = new String(keygen.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keygen.waitFor() != 0) throw new IOException("ssh-keygen made no key: " + said.strip());
        }
    }
}
