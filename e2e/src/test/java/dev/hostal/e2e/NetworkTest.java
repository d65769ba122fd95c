package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Virtual machines and containers in the same networks: names, who reaches whom, published ports, and what is repaired.
@Tag("real")
@ExtendWith(OneHome.class)
class NetworkTest {
    private static final String SERVE = "mkdir /w; echo %s >/w/index.html; exec httpd -f -p 80 -h /w";

    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) cli.run("delete", "--force", name).succeeded();
        for (var group : List.of("web", "db")) cli.run("group", "delete", group);
        for (var network : List.of("front", "back", "apart")) cli.run("network", "delete", network);
    }

    @Test void twoMachinesAndTwoContainersOnTwoNetworks(Cli cli) throws Exception {
        cli.run("network", "create", "front").succeeded();
        cli.run("network", "create", "back", "--kind", "isolated").succeeded();
        var kept = cli.run("network", "reserve", "back", "db", "--mac", "52:54:00:0d:b0:0d").succeeded().out().trim();
        serve(cli, "web", "front", "--network", "back", "-p", "127.0.0.1::80");
        serve(cli, "db", "back");
        assertThat(kept).as("what was kept before it was made").startsWith(address(cli, "db") + " ")
                .endsWith(" 52:54:00:0d:b0:0d");
        assertThat(cli.run("exec", "db", "cat", "/sys/class/net/eth0/address").succeeded().out().trim())
                .isEqualTo("52:54:00:0d:b0:0d");
        serve(cli, "vm-front", "front", "--vm");
        serve(cli, "vm-back", "back", "--vm", "--label", "role=app");

        assertThat(says(cli, "vm-front", "web")).as("from a machine to a container").isEqualTo("web");
        assertThat(says(cli, "web", "vm-front.front")).as("and back, by the long name").isEqualTo("vm-front");
        assertThat(says(cli, "web", "db.back")).as("with a NIC in both networks").isEqualTo("db");
        assertThat(says(cli, "vm-back", "db")).isEqualTo("db");
        assertThat(says(cli, "vm-front", address(cli, "db"))).as("between networks").isEmpty();
        assertThat(says(cli, "vm-back", address(cli, "vm-front"))).isEmpty();
        assertThat(cli.run("network", "why", "vm-front", "db:80").endedWith(1).out()).contains("share no network");
        assertThat(cli.run("exec", "vm-front", "nslookup", address(cli, "web")).out()).as("reverse").contains("web");

        int port = (int) cli.run("port", "list", "web", "--json").succeeded().jsonArray().getFirst().integer("hostPort");
        assertThat(connects("127.0.0.1", port)).isTrue();
        assertThat(connects("::1", port)).isTrue();

        groups(cli);
        portsOfOneNetworkAreKeptApart(cli);
        repairs(cli, port);
        nicsOfMachinesComeAndGo(cli);
    }

    @Test void inUserNetworkingPortsLeadToAMachineAndChangeLive(Cli cli) throws Exception {
        serve(cli, "alone", "user", "--vm", "-p", "127.0.0.1::80");
        int first = port(cli, "alone");
        awaitConnects("127.0.0.1", first);
        cli.run("port", "add", "alone", "80").succeeded();
        int second = (int) cli.run("port", "list", "alone", "--json").succeeded().jsonArray().getLast().integer("hostPort");
        awaitConnects("127.0.0.1", second);
        cli.run("port", "delete", "alone", Integer.toString(first)).succeeded();
        assertThat(connects("127.0.0.1", first)).isFalse();

        cli.crashDaemon();
        cli.phaseOf("alone");
        awaitConnects("127.0.0.1", second);
    }

    @Test void aBridgedNetworkIsThatOfAnInterfaceOfTheHost(Cli cli) throws Exception {
        host("ip", "link", "add", "hst-parent", "type", "veth", "peer", "name", "hst-peer");
        try {
            host("ip", "link", "set", "hst-parent", "up");
            host("ip", "link", "set", "hst-peer", "up");
            cli.run("network", "create", "wire", "--kind", "bridged", "--parent", "hst-parent", "--subnet", "198.51.100.0/24")
                    .succeeded();
            serve(cli, "on-wire", "wire", "--vm");
            serve(cli, "beside", "wire");
            assertThat(says(cli, "beside", address(cli, "on-wire"))).isEqualTo("on-wire");
            assertThat(says(cli, "on-wire", address(cli, "beside"))).isEqualTo("beside");
            cli.run("delete", "--force", "on-wire", "beside").succeeded();
            cli.run("network", "delete", "wire").succeeded();
            addressesComeFromTheOutsideNetwork(cli);
        } finally {
            host("ip", "link", "delete", "hst-parent");
        }
    }

    private static void addressesComeFromTheOutsideNetwork(Cli cli) throws Exception {
        host("ip", "address", "add", "198.51.100.1/24", "dev", "hst-peer");
        host("ip", "link", "set", "hst-peer", "up");
        var server = new ProcessBuilder("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv",
                "--interface=hst-peer", "--except-interface=lo", "--bind-interfaces", "--no-ping", "--leasefile-ro",
                "--pid-file=", "--dhcp-range=198.51.100.50,198.51.100.99,2m", "--address=/router.test/198.51.100.1")
                .inheritIO().start();
        try {
            cli.run("network", "create", "wire", "--kind", "bridged", "--parent", "hst-parent").succeeded();
            serve(cli, "on-wire", "wire", "--vm");
            serve(cli, "beside", "wire");
            serve(cli, "later", "default");
            cli.run("network", "attach", "later", "wire").succeeded();
            for (var name : List.of("on-wire", "beside")) {
                assertThat(address(cli, name)).as(name).startsWith("198.51.100.");
                assertThat(cli.run("exec", name, "nslookup", "router.test").out()).as("names too").contains("198.51.100.1");
                assertThat(cli.run("exec", name, "ip", "route").succeeded().out()).contains("default via 198.51.100.1");
            }
            assertThat(cli.run("exec", "later", "ip", "-4", "address").succeeded().out()).contains("inet 198.51.100.");
            assertThat(says(cli, "beside", address(cli, "on-wire"))).isEqualTo("on-wire");
            cli.run("delete", "--force", "on-wire", "beside", "later").succeeded();
            cli.run("network", "delete", "wire").succeeded();
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static int port(Cli cli, String name) throws IOException, InterruptedException {
        return (int) cli.run("port", "list", name, "--json").succeeded().jsonArray().getFirst().integer("hostPort");
    }

    private static void host(String... words) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).as(String.join(" ", words)).isZero();
    }

    private static void groups(Cli cli) throws Exception {
        cli.run("group", "create", "db").succeeded();
        cli.run("group", "create", "web").succeeded();
        cli.run("group", "attach", "db", "db").succeeded();
        assertThat(says(cli, "vm-back", "db")).as("no rule allows it").isEmpty();
        assertThat(cli.run("network", "why", "--probe", "vm-back", "db:80").endedWith(1).out()).contains("denied:")
                .contains("group db");
        cli.run("group", "attach", "web", "vm-back").succeeded();
        var rule = cli.run("group", "allow", "db", "in", "tcp:80", "--peer", "group:web").succeeded().out().strip();
        assertThat(says(cli, "vm-back", "db")).isEqualTo("db");
        assertThat(cli.run("network", "why", "--probe", "vm-back -> db:80").succeeded().out()).contains("rule " + rule)
                .contains("connected");
        assertThat(says(cli, "web", "db.back")).as("in no group that is allowed").isEmpty();
        cli.run("group", "revoke", "db", rule).succeeded();
        assertThat(says(cli, "vm-back", "db")).isEmpty();
        var labelled = cli.run("group", "allow", "db", "in", "tcp:80", "--peer", "label:role=app").succeeded().out().strip();
        assertThat(says(cli, "vm-back", "db")).as("by its label").isEqualTo("db");
        assertThat(says(cli, "web", "db.back")).as("without that label").isEmpty();
        cli.run("group", "deny", "db", "in", "--peer", "group:web").succeeded();
        assertThat(says(cli, "vm-back", "db")).as("what one rule denies, no other allows").isEmpty();
        cli.run("group", "revoke", "db", labelled).succeeded();
        assertThat(cli.run("group", "delete", "db").endedWith(1).err()).contains("NICs");
        cli.run("group", "detach", "db", "db").succeeded();
        assertThat(says(cli, "vm-back", "db")).isEqualTo("db");
    }

    private static void portsOfOneNetworkAreKeptApart(Cli cli) throws Exception {
        cli.run("network", "create", "apart", "--isolated-ports").succeeded();
        cli.run("network", "attach", "db", "apart").succeeded();
        cli.run("network", "attach", "vm-front", "apart").succeeded();
        cli.run("network", "attach", "web", "apart").succeeded();
        assertThat(says(cli, "vm-front", "db.apart")).as("from a machine").isEmpty();
        assertThat(says(cli, "web", "db.apart")).as("from a container").isEmpty();
        assertThat(cli.run("network", "why", "vm-front", "db:80").endedWith(1).out()).contains("isolates its ports");
        assertThat(connects(cli.run("exec", "db", "ip", "-4", "-o", "address", "show", "eth1").succeeded().out()
                .replaceAll("(?s).*inet ([0-9.]+)/.*", "$1"), 80)).as("from the host").isTrue();
        for (var name : List.of("db", "vm-front", "web")) cli.run("network", "detach", name, "apart").succeeded();
        cli.run("network", "delete", "apart").succeeded();
    }

    private static void repairs(Cli cli, int port) throws Exception {
        cli.run("network", "detach", "web", "back").succeeded();
        assertThat(says(cli, "web", address(cli, "db"))).as("detached while it runs").isEmpty();
        cli.run("network", "attach", "web", "back").succeeded();
        assertThat(says(cli, "web", address(cli, "db"))).isEqualTo("db");

        cli.crashDaemon();
        killNameServer(cli, "back");
        assertThat(connects("127.0.0.1", port)).as("without a daemon").isTrue();
        assertThat(cli.phaseOf("web")).isEqualTo("running");
        String name = "";
        for (int i = 0; i < 20 && name.isEmpty(); i++) {
            name = says(cli, "vm-back", "db");
            Thread.sleep(200);
        }
        assertThat(name).as("names after the end of both").isEqualTo("db");
        awaitConnects("::1", port);
    }

    private static void nicsOfMachinesComeAndGo(Cli cli) throws Exception {
        cli.run("network", "attach", "vm-front", "back").succeeded();
        assertThat(says(cli, "vm-front", "db.back")).as("by a NIC that came while it runs").isEqualTo("db");
        assertThat(says(cli, "vm-front", "db")).as("the short name of its second network, too").isEqualTo("db");
        cli.run("exec", "vm-front", "ip", "address", "add", spoofed(cli), "dev", "eth0").succeeded();
        assertThat(cli.run("exec", "vm-front", "ping", "-c", "1", "-W", "1", "-I", spoofed(cli).replaceAll("/.*", ""),
                address(cli, "web"))
                .status()).as("with an address that is not its own").isNotZero();
        assertThat(says(cli, "vm-front", "web")).isEqualTo("web");
        cli.crashDaemon();
        cli.run("network", "detach", "vm-front", "front").succeeded();
        assertThat(cli.run("exec", "vm-front", "ls", "/sys/class/net").succeeded().out().lines()).as("that of its start is gone")
                .containsExactlyInAnyOrder("lo", "eth1");
        assertThat(says(cli, "db", "vm-front.back")).isEqualTo("vm-front");
        cli.run("group", "attach", "db", "vm-front").succeeded();
        assertThat(says(cli, "db", "vm-front.back")).as("rules are for NICs that came later, too").isEmpty();
        cli.run("group", "detach", "db", "vm-front").succeeded();
        var kept = cli.run("network", "reserve", "back", "vm-fork").succeeded().out();
        cli.run("fork", "vm-front", "--name", "vm-fork").succeeded();
        assertThat(kept).as("an address that was kept for a copy").startsWith(address(cli, "vm-fork") + " ");
        assertThat(says(cli, "vm-fork", "db")).as("a copy has the same NICs").isEqualTo("db");
        assertThat(says(cli, "db", "vm-fork")).isEqualTo("vm-front");
    }

    /// An address of the network that nobody has, as a guest could give it to itself.
    private static String spoofed(Cli cli) throws Exception {
        return address(cli, "web").replaceAll("\\d+$", "77") + "/20";
    }

    private static void serve(Cli cli, String name, String network, String... more) throws Exception {
        var words = new ArrayList<>(List.of("run", "-d", "--name", name, "--network", network));
        words.addAll(List.of(more));
        words.addAll(List.of("tiny", "sh", "-c", SERVE.formatted(name)));
        cli.run(words.toArray(String[]::new)).succeeded();
    }

    /// What the web server at that name or address says to an instance; empty where it is not reached.
    private static String says(Cli cli, String from, String to) throws IOException, InterruptedException {
        return cli.run("exec", from, "timeout", "4", "wget", "-q", "-O", "-", "http://" + to + "/").out().strip();
    }

    private static String address(Cli cli, String name) throws IOException, InterruptedException {
        return cli.run("show", name, "--json").succeeded().json().texts("addresses").stream()
                .filter(address -> address.contains(".")).findFirst().orElseThrow();
    }

    /// A server that has just been started, or a daemon, may need a moment.
    private static void awaitConnects(String address, int port) throws InterruptedException {
        boolean connected = connects(address, port);
        for (int i = 0; i < 40 && !connected; i++) {
            Thread.sleep(250);
            connected = connects(address, port);
        }
        assertThat(connected).as("port %d of %s", port, address).isTrue();
    }

    private static boolean connects(String address, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 3000);
            socket.setSoTimeout(3000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
            return socket.getInputStream().read() == 'H';
        } catch (IOException _) {
            return false;
        }
    }

    private static void killNameServer(Cli cli, String network) throws IOException {
        var pid = Files.readString(cli.home().resolve("run/net").resolve(network).resolve("pid")).split(" ")[0];
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    }
}
