package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.Places;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a daemon is started: a launcher that is a script stands for the real one.
@Timeout(60)
class LocalDaemonTest {
    private Path home;

    /// Listens, and nothing more, until it is killed.
    public static final class Listening {
        private Listening() {}

        public static void main(String[] words) throws Exception {
            try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                Thread.sleep(300);
                server.bind(UnixDomainSocketAddress.of(words[0]));
                while (true) {
                    server.accept().close();
                }
            }
        }
    }

    /// Starts the daemon as one command line of many does.
    public static final class Starting {
        private Starting() {}

        public static void main(String[] words) throws Exception {
            new LocalDaemon(Places.under(Path.of(words[0])), Path.of(words[1]), "b").start(List.of("--simulate"));
        }
    }

    @BeforeEach void makeHome() throws IOException {
        home = Files.createTempDirectory(Path.of("/tmp"), "hst");
    }

    @AfterEach void deleteHome() throws IOException {
        if (Files.exists(home.resolve("pids"))) {
            for (var pid : Files.readAllLines(home.resolve("pids"))) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        try (var all = Files.walk(home)) {
            for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Path launcher(String script) throws IOException {
        var launcher = home.resolve("launcher");
        Files.writeString(launcher, "#!/bin/sh\necho $$ >>'%s/pids'\n%s\n".formatted(home, script));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return launcher;
    }

    private static String java(Class<?> main) {
        return "'%s' -cp '%s' '%s'".formatted(Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"), main.getName());
    }

    private LocalDaemon daemon(Path launcher) {
        return new LocalDaemon(Places.under(home), launcher, "b");
    }

    @Test void tenAtOnceStartOne() throws Exception {
        var launcher = launcher("echo \"$*\" >>'%s/words'; exec %s '%s/run/hostal.sock'".formatted(home,
                java(Listening.class), home));
        var starting = new ArrayList<Process>();
        for (int i = 0; i < 10; i++) {
            starting.add(new ProcessBuilder("sh", "-c", "exec %s '%s' '%s'".formatted(java(Starting.class), home, launcher))
                    .inheritIO().start());
        }
        for (var one : starting) {
            assertThat(one.waitFor()).isZero();
        }

        assertThat(home.resolve("words")).hasContent("daemon run --simulate");
        assertThat(daemon(launcher).running()).isPresent();
        // In a session of its own: the pid of the launcher is the daemon's, and leads the session.
        var pid = Files.readString(home.resolve("pids")).strip();
        assertThat(Files.readString(Path.of("/proc", pid, "stat")).replaceAll(".*\\) ", "").split(" ")[3]).isEqualTo(pid);
    }

    @Test void aDaemonThatEndsAtOnceIsSaidWithItsReason() throws Exception {
        var launcher = launcher("echo 'the disk is full' >&2; exit 3");

        assertThatThrownBy(() -> daemon(launcher).connect())
                .hasMessageContaining("status 3").hasMessageContaining("the disk is full");
    }

    @Test void theLogSaysWhyWhereTheStreamsDoNot() throws Exception {
        Files.writeString(home.resolve("daemon.log"), "an old line\n");
        var launcher = launcher("echo 'a new line' >>'%s/daemon.log'; exit 1".formatted(home));

        assertThatThrownBy(() -> daemon(launcher).connect())
                .hasMessageContaining("a new line").hasMessageNotContaining("an old line");
        assertThat(daemon(launcher).logTail(1)).containsExactly("a new line");
    }

    @Test void aHomeThatIsHeldALittleLongerIsWaitedFor() throws Exception {
        var launcher = launcher("if [ $(wc -l <'%s/pids') -lt 3 ]; then echo 'Another daemon, process 1, holds it.'; exit 1; fi\n"
                .formatted(home) + "exec %s '%s/run/hostal.sock'".formatted(java(Listening.class), home));

        daemon(launcher).start(List.of());

        assertThat(Files.readAllLines(home.resolve("pids"))).hasSize(3);
    }

    @Test void aSocketOfADeadDaemonIsNoDaemon() throws Exception {
        var socket = Files.createDirectories(home.resolve("run")).resolve("hostal.sock");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
        }

        assertThat(socket).exists();
        assertThat(daemon(home).running()).isEmpty();
    }
}
