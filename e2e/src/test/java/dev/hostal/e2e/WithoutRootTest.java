package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a user who is not root has: virtual machines with names, ports and folders; and what is refused in words.
@Tag("real")
@ExtendWith(OneHome.class)
class WithoutRootTest {
    private static final String SERVE = "mkdir /w; echo %s >/w/index.html; exec httpd -f -p 80 -h /w";

    @Test void aUserWhoIsNotRootHasMachinesWithNamesPortsAndFolders(Cli root) throws Exception {
        var folder = Files.createTempDirectory(Path.of("/tmp"), "hsd");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(folder.resolve("given"), "given\n");
        try (var cli = root.ofNobody()) {
            saysWhatNeedsRoot(cli);
            cli.run("network", "create", "lab", "--kind", "user").succeeded();
            cli.run("volume", "create", "kept").succeeded();
            serve(cli, "web", "-p", "127.0.0.1::80", "-v", folder + ":/given:ro", "-v", "kept:/kept");
            serve(cli, "db", "--network-alias", "store", "-v", folder + ":/given");
            folders(cli, folder);
            names(cli);
            ports(cli);
            othersGoOn(cli);
            cli.run("delete", "--force", "web", "db").succeeded();
            cli.run("network", "delete", "lab").succeeded();
            cli.run("volume", "delete", "kept").succeeded();
            for (var left : List.of("run/u", "run/m", "run/d")) {
                assertThat(filesIn(cli.home().resolve(left))).as(left).isEmpty();
            }
            assertThat(ProcessHandle.allProcesses().flatMap(process -> process.info().commandLine().stream())
                    .filter(line -> line.contains("--switch " + cli.home()))).isEmpty();
        } finally {
            for (var file : filesIn(folder)) Files.delete(file);
            Files.delete(folder);
        }
    }

    private static void saysWhatNeedsRoot(Cli cli) throws Exception {
        assertThat(cli.run("doctor").succeeded().out()).containsPattern("no +root ")
                .containsPattern("works +networks.user .*by name")
                .containsPattern("works +folders .*numbers in /etc/subuid").contains("containers, bridges, security groups");
        assertThat(cli.run("network", "create", "front").endedWith(1).err()).contains("runs as root").contains("--kind user");
        assertThat(cli.run("group", "create", "web").endedWith(1).err()).contains("runs as root");
    }

    /// A guest's root is the user, its other users are numbers of the user's; and what is read-only is so.
    private static void folders(Cli cli, Path folder) throws Exception {
        assertThat(cli.run("exec", "web", "cat", "/given/given").succeeded().out()).isEqualTo("given\n");
        assertThat(cli.run("exec", "web", "touch", "/given/made").endedWith(1).err()).contains("Read-only");
        cli.run("exec", "db", "sh", "-c", "echo made >/given/made; echo other >/given/other; chown 70:70 /given/other")
                .succeeded();
        assertThat(folder.resolve("made")).hasContent("made");
        assertThat(Files.getAttribute(folder.resolve("made"), "unix:uid")).isEqualTo(65_534);
        assertThat(Files.getAttribute(folder.resolve("other"), "unix:uid")).isEqualTo(1_900_000_069);
        cli.run("exec", "web", "sh", "-c",
                "mkdir /kept/own; echo 1 >/kept/own/f; chown -R 70:70 /kept/own; chmod 700 /kept/own").succeeded();
        assertThat(cli.run("volume", "show", "kept").succeeded().out()).contains("used");
    }

    private static void names(Cli cli) throws Exception {
        for (var name : List.of("web", "web.lab", "WEB", "10.0.2.15")) assertThat(says(cli, "db", name)).as(name)
                .isEqualTo("web");
        for (var name : List.of("db", "store", "store.lab")) assertThat(says(cli, "web", name)).as(name).isEqualTo("db");
        assertThat(says(cli, "web", "web")).as("itself").isEqualTo("web");
        assertThat(cli.run("exec", "web", "nslookup", "10.0.2.16").out()).as("reverse").contains("db.lab");
        assertThat(cli.run("exec", "web", "nslookup", "nobody.lab").out()).contains("NXDOMAIN");
        assertThat(says(cli, "db", "host.hostal:" + port(cli, "web"))).as("what listens on the host").isEqualTo("web");
        cli.run("exec", "db", "ip", "address", "add", "10.0.2.77/24", "dev", "eth0").succeeded();
        assertThat(cli.run("exec", "db", "ping", "-c", "1", "-W", "1", "-I", "10.0.2.77", "10.0.2.15").status())
                .as("with an address that is not its own").isNotZero();
    }

    private static void ports(Cli cli) throws Exception {
        assertThat(connects(port(cli, "web"))).isTrue();
        cli.run("port", "add", "db", "80").succeeded();
        int live = port(cli, "db");
        assertThat(connects(live)).isTrue();
        assertThat(cli.run("port", "add", "web", live + ":80").endedWith(1).err()).contains("in use by instance db");
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(cli.run("port", "add", "web", other.getLocalPort() + ":80").endedWith(1).err()).contains("in use by");
        }
        cli.run("port", "delete", "db", Integer.toString(live)).succeeded();
        assertThat(connects(live)).isFalse();
    }

    /// The daemon and the switch may be killed; what the machines lose is some frames.
    private static void othersGoOn(Cli cli) throws Exception {
        int port = port(cli, "web");
        cli.crashDaemon();
        var pid = Files.readString(cli.home().resolve("run/u/pid")).split(" ")[0];
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
        assertThat(cli.phaseOf("web")).isEqualTo("running");
        var said = says(cli, "db", "web");
        for (int i = 0; i < 20 && said.isEmpty(); i++) {
            Thread.sleep(200);
            said = says(cli, "db", "web");
        }
        assertThat(said).isEqualTo("web");
        assertThat(connects(port)).isTrue();
        assertThat(cli.run("exec", "web", "cat", "/kept/own/f").succeeded().out()).isEqualTo("1\n");
    }

    private static void serve(Cli cli, String name, String... more) throws Exception {
        var words = new ArrayList<>(List.of("run", "-d", "--vm", "--name", name, "--network", "lab"));
        words.addAll(List.of(more));
        words.addAll(List.of("tiny", "sh", "-c", SERVE.formatted(name)));
        cli.run(words.toArray(String[]::new)).succeeded();
    }

    private static String says(Cli cli, String from, String to) throws IOException, InterruptedException {
        return cli.run("exec", from, "timeout", "4", "wget", "-q", "-O", "-", "http://" + to + "/").out().strip();
    }

    private static int port(Cli cli, String name) throws IOException, InterruptedException {
        return (int) cli.run("port", "list", name, "--json").succeeded().jsonArray().getFirst().integer("hostPort");
    }

    /// Whether a web server answers there; one that has just been started may need a moment.
    private static boolean connects(int port) throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(3000);
                socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
                if (socket.getInputStream().read() == 'H') return true;
            } catch (ConnectException _) {
                return false;
            } catch (IOException _) {
                // QEMU listens, and the guest does not yet.
            }
            Thread.sleep(200);
        }
        return false;
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }
}
