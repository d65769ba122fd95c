package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Two daemons of one host, with networks, names and instances that are called the same: neither disturbs the other.
@Tag("real")
@ExtendWith(OneHome.class)
class TwoDaemonsTest {
    @Test void networksOfTheSameNamesAreApart(Cli one) throws Exception {
        begin(one, "one");
        try (var other = one.beside()) {
            begin(other, "other");
            assertThat(subnet(one)).isNotEqualTo(subnet(other));
            reachesItsOwn(one, "one");
            reachesItsOwn(other, "other");

            int port = port(one);
            assertThat(other.run("port", "add", "same", "127.0.0.1:" + port + ":80").endedWith(1).err()).contains("in use by");
            int open = (int) one.run("port", "add", "same", "0.0.0.0::53/udp", "--json").succeeded().jsonArray().getFirst()
                    .integer("hostPort");
            assertThat(other.run("port", "add", "same", "0.0.0.0:" + open + ":53/udp").endedWith(1).err())
                    .as("published, and nobody listens").contains("another Hostal daemon");

            long repaired = repairs(one);
            other.run("delete", "--force", "same").succeeded();
            other.run("network", "delete", "lab").succeeded();
            other.run("network", "list", "-q").succeeded().out().lines().forEach(name -> delete(other, name));
            other.run("daemon", "stop").succeeded();
            reachesItsOwn(one, "one");
            assertThat(one.run("exec", "same", "ping", "-c", "1", "-W", "2", "same.lab").status()).isZero();
            assertThat(repairs(one)).as("nothing had to be repaired").isEqualTo(repaired);
        } finally {
            one.run("delete", "--force", "same");
            one.run("network", "delete", "lab");
        }
    }

    private static void begin(Cli cli, String word) throws Exception {
        cli.run("network", "create", "lab").succeeded();
        cli.run("run", "-d", "--name", "same", "--network", "lab", "-p", "127.0.0.1::80", "tiny", "sh", "-c",
                "mkdir /w; echo %s >/w/index.html; exec httpd -f -p 80 -h /w".formatted(word)).succeeded();
    }

    /// By its name, from within; and by its port, from the host.
    private static void reachesItsOwn(Cli cli, String word) throws Exception {
        assertThat(cli.run("exec", "same", "timeout", "4", "wget", "-q", "-O", "-", "http://same.lab/").succeeded().out().strip())
                .isEqualTo(word);
        try (var in = URI.create("http://127.0.0.1:" + port(cli) + "/").toURL().openStream()) {
            assertThat(new String(in.readAllBytes()).strip()).isEqualTo(word);
        }
    }

    private static int port(Cli cli) throws IOException, InterruptedException {
        return (int) cli.run("port", "list", "same", "--json").succeeded().jsonArray().getFirst().integer("hostPort");
    }

    private static String subnet(Cli cli) throws IOException, InterruptedException {
        return cli.run("network", "list", "--json").succeeded().jsonArray().stream().filter(net -> net.text("name").equals("lab"))
                .findFirst().orElseThrow().text("ipv4");
    }

    private static long repairs(Cli cli) throws IOException {
        return Files.readAllLines(cli.home().resolve("daemon.log")).stream()
                .filter(line -> line.contains("network.repaired")).count();
    }

    private static void delete(Cli cli, String network) {
        try {
            cli.run("network", "delete", network).succeeded();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
