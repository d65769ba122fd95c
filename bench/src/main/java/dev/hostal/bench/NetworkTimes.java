package dev.hostal.bench;

import dev.hostal.client.HostalNetworks;
import dev.hostal.client.UnixHostal;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Networks beside bare virtual cables at a bridge, made here and measured in turn; and how long changes take.
final class NetworkTimes {
    private static final int RULES = 1000;
    private static final int SECONDS = 3;
    private static final String RULE = "{\"action\":\"allow\",\"direction\":\"in\",\"protocol\":\"tcp\",\"ports\":\"%s\"}";
    /// What containers sleep for: their processes are found by it.
    private static final String MARK = "86400.";

    private static final int WARM_UP = 5;
    private static final String BARE_BRIDGE = "hsb-machines";
    /// The second of the networks for documents, because some hosts are in the first one themselves. Source: RFC 5737.
    private static final String BARE_SUBNET = "198.51.100.0/24";
    private static final String BARE_HOST = "198.51.100.1";
    private static final String BARE_GUEST = "198.51.100.9";
    private static final int CONNECTIONS = 1000;

    private final Bench bench;

    private NetworkTimes(Bench bench) {
        this.bench = bench;
    }

    static void run(Bench bench, Table table) throws Exception {
        if (!Bench.has("iperf3")) {
            System.err.println("bench: network needs iperf3");
            return;
        }
        var times = new NetworkTimes(bench);
        times.changes(table);
        times.throughput(table);
        times.machines(table);
    }

    /// Through the client library: what a command costs by itself is another table's.
    private void changes(Table table) throws Exception {
        var created = new ArrayList<Double>();
        var added = new ArrayList<Double>();
        bench.ask("run", "-d", "--name", "port-me", "tiny", "sleep", "86400");
        var networks = networks();
        for (int round = -WARM_UP; round < Bench.QUICK_ROUNDS; round++) {
            var network = "net" + (round + WARM_UP);
            double before = System.nanoTime();
            networks.create(new JsonObject().put("name", network));
            networks.attach("port-me", new JsonObject().put("network", network));
            double between = System.nanoTime();
            var port = networks.publish("port-me", new JsonObject().put("guestPort", 1000).put("count", 1)
                    .put("protocol", "tcp"));
            double after = System.nanoTime();
            networks.unpublish(port.text("id"));
            networks.detach("port-me", network);
            networks.delete(network);
            if (round < 0) continue;
            created.add((between - before) / 1e9);
            added.add((after - between) / 1e9);
        }
        bench.ask("delete", "--force", "port-me");
        table.add("network: changes", List.of(new Sample("network create, container attached", "s", created),
                new Sample("port add", "s", added)));
    }

    /// The same guest at a bridge of Hostal's and at one without any rule, made here. It has no iperf3: zeros are sent.
    private void machines(Table table) throws Exception {
        var networks = networks();
        output("ip", "link", "add", BARE_BRIDGE, "type", "bridge");
        try {
            output("ip", "address", "add", BARE_HOST + "/24", "dev", BARE_BRIDGE);
            output("ip", "link", "set", BARE_BRIDGE, "up");
            bench.ask("run", "-d", "--vm", "--name", "vm-ours", "tiny", "sleep", "86400");
            var ours = networks.get("default");
            bench.ask("network", "create", "bare", "--kind", "bridged", "--parent", BARE_BRIDGE, "--subnet", BARE_SUBNET, "--mtu",
                    mtu(ours));
            bench.ask("run", "-d", "--vm", "--name", "vm-bare", "--network", "bare", "--ip", BARE_GUEST, "tiny",
                    "sleep", "86400");
            var gateway = ours.text("gateway4");
            var address = bench.askJson("show", "vm-ours", "--json").texts("addresses").getFirst();
            var rates = new ArrayList<List<Double>>();
            for (int i = 0; i < 4; i++) rates.add(new ArrayList<>());
            for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
                rates.get(0).add(toGuest("vm-ours", address));
                rates.get(1).add(toGuest("vm-bare", BARE_GUEST));
                rates.get(2).add(fromGuest("vm-ours", gateway));
                rates.get(3).add(fromGuest("vm-bare", BARE_HOST));
            }
            table.add("network: host to machine", List.of(new Sample("hostal", "Gbit/s", rates.get(0)),
                    new Sample("tap at a bare bridge", "Gbit/s", rates.get(1))));
            table.add("network: machine to host", List.of(new Sample("hostal", "Gbit/s", rates.get(2)),
                    new Sample("tap at a bare bridge", "Gbit/s", rates.get(3))));
            bench.ask("delete", "--force", "vm-ours", "vm-bare");
            bench.ask("network", "delete", "bare");
        } finally {
            output("ip", "link", "delete", BARE_BRIDGE);
        }
    }

    private HostalNetworks networks() throws Exception {
        return new UnixHostal(Path.of(bench.askJson("daemon", "status", "--json").text("socket"))).networks();
    }

    /// A peer with longer packets would have fewer of them.
    private static String mtu(JsonObject network) {
        return Long.toString(network.integer("mtu"));
    }

    private double toGuest(String name, String address) throws Exception {
        bench.ask("exec", name, "sh", "-c", "(nc -l -p 5301 >/dev/null 2>&1 </dev/null &)");
        return Double.parseDouble(output("python3", "-c", """
                import socket, time
                for i in range(100):
                    try: s = socket.create_connection(("%s", 5301), 1); break
                    except OSError:
                        if i == 99: raise
                        time.sleep(0.05)
                s.settimeout(10)
                zeros, sent, began = bytes(1 << 16), 0, time.time()
                while time.time() - began < %d: sent += s.send(zeros)
                print(sent * 8 / (time.time() - began) / 1e9)
                """.formatted(address, SECONDS)).strip());
    }

    private double fromGuest(String name, String host) throws Exception {
        var receiving = new ProcessBuilder("python3", "-c", """
                import socket, time
                s = socket.create_server(("%s", 5302)); s.settimeout(20)
                print("ready", flush=True)
                c, _ = s.accept(); c.settimeout(10)
                got, began = 0, time.time()
                while time.time() - began < %d: got += len(c.recv(1 << 16))
                print(got * 8 / (time.time() - began) / 1e9)
                """.formatted(host, SECONDS)).redirectErrorStream(true).start();
        try (var lines = receiving.inputReader(StandardCharsets.UTF_8)) {
            lines.readLine();
            bench.ask("exec", name, "sh", "-c",
                    "(timeout %d nc %s 5302 </dev/zero >/dev/null 2>&1 &)".formatted(SECONDS + 3, host));
            return Double.parseDouble(lines.readLine());
        } finally {
            receiving.destroy();
            receiving.waitFor();
        }
    }

    private void throughput(Table table) throws Exception {
        bench.ask("run", "-d", "--name", "net-a", "tiny", "sleep", MARK + "1");
        bench.ask("run", "-d", "--name", "net-b", "tiny", "sleep", MARK + "2");
        var bare = BareNetwork.make(mtu(networks().get("default")));
        try {
            var a = "/proc/%s/ns/net".formatted(pid(MARK + "1"));
            var b = "/proc/%s/ns/net".formatted(pid(MARK + "2"));
            var address = bench.askJson("show", "net-b", "--json").texts("addresses").getFirst();
            var ours = new ArrayList<Double>();
            var grouped = new ArrayList<Double>();
            var cables = new ArrayList<Double>();
            var connect = new ArrayList<Double>();
            var connectGrouped = new ArrayList<Double>();
            var rules = new StringBuilder();
            for (int i = 0; i < RULES; i++) rules.append(RULE.formatted(Integer.toString(10_000 + 2 * i))).append(',');
            output("curl", "-sSf", "--unix-socket", bench.home().resolve("run/hostal.sock").toString(), "-H",
                    "Content-Type: application/json", "-d", "{\"name\":\"many\",\"rules\":[" + rules
                    + RULE.formatted("1-9999") + "]}",
                    "http://hostal/v1/security-groups");
            // In turn: what else the host does falls on all of them.
            for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
                cables.add(gigabits(bare.first(), bare.second(), BareNetwork.ADDRESS));
                ours.add(gigabits(a, b, address));
                connect.add(connections(a, b, address));
                bench.ask("group", "attach", "many", "net-b");
                grouped.add(gigabits(a, b, address));
                connectGrouped.add(connections(a, b, address));
                bench.ask("group", "detach", "many", "net-b");
            }
            table.add("network: container to container, iperf3", List.of(new Sample("hostal", "Gbit/s", ours),
                    new Sample("hostal, " + RULES + " rules", "Gbit/s", grouped),
                    new Sample("bare veth at a bridge", "Gbit/s", cables)));
            table.add("network: " + CONNECTIONS + " connections one after another",
                    List.of(new Sample("without rules", "s", connect),
                    new Sample(RULES + " rules", "s", connectGrouped)));
        } finally {
            bare.close();
            bench.ask("delete", "--force", "net-a", "net-b");
        }
    }

    private static String pid(String seconds) throws IOException {
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var folder : all) {
                try {
                    var line = Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    if (line.equals("sleep\0" + seconds + "\0")) return folder.getFileName().toString();
                } catch (IOException _) {
                    // It has ended meanwhile.
                }
            }
        }
        throw new IOException("no process sleeps for " + seconds);
    }

    private static double gigabits(String client, String server, String address) throws Exception {
        var listening = new ProcessBuilder("nsenter", "--net=" + server, "iperf3", "-s", "-1", "-p", "5201")
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            Thread.sleep(300);
            var json = output("nsenter", "--net=" + client, "iperf3", "-c", address, "-p", "5201", "-t", "" + SECONDS,
                    "-f", "g", "-i", "0");
            for (var line : json.lines().toList()) {
                if (!line.contains("receiver")) continue;
                var words = List.of(line.strip().split("\\s+"));
                return Double.parseDouble(words.get(words.indexOf("Gbits/sec") - 1));
            }
            throw new IOException("iperf3 said no rate: " + json);
        } finally {
            listening.destroy();
            listening.waitFor();
        }
    }

    /// Each is one packet at least that meets the rules.
    private static double connections(String client, String server, String address) throws Exception {
        var listening = new ProcessBuilder("nsenter", "--net=" + server, "python3", "-c", """
                import socket
                s = socket.create_server(("", 5202), backlog=256)
                for _ in range(%d): s.accept()[0].close()
                """.formatted(CONNECTIONS)).start();
        try {
            Thread.sleep(500);
            return Double.parseDouble(output("nsenter", "--net=" + client, "python3", "-c", """
                    import socket, time
                    began = time.time()
                    for _ in range(%d): socket.create_connection(("%s", 5202), 5).close()
                    print(time.time() - began)
                    """.formatted(CONNECTIONS, address)).strip());
        } finally {
            listening.destroy();
            listening.waitFor();
        }
    }

    private static String output(String... argv) throws Exception {
        var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(String.join(" ", argv) + ": " + out);
        return out;
    }

    /// Two network namespaces at a bridge in a third one, as `ip` makes them.
    private record BareNetwork(String first, String second) {
        static final String ADDRESS = "192.0.2.2";

        static BareNetwork make(String mtu) throws Exception {
            for (var name : List.of("hsb-a", "hsb-b", "hsb-bridge")) output("ip", "netns", "add", name);
            output("ip", "-n", "hsb-bridge", "link", "add", "name", "bridge0", "type", "bridge");
            output("ip", "-n", "hsb-bridge", "link", "set", "dev", "bridge0", "up");
            for (int i = 1; i <= 2; i++) {
                var name = i == 1 ? "hsb-a" : "hsb-b";
                output("ip", "-n", "hsb-bridge", "link", "add", "p" + i, "master", "bridge0", "type", "veth", "peer",
                        "name", "eth0", "netns", name);
                output("ip", "-n", "hsb-bridge", "link", "set", "p" + i, "mtu", mtu, "up");
                output("ip", "-n", name, "address", "add", "192.0.2." + i + "/24", "dev", "eth0");
                output("ip", "-n", name, "link", "set", "eth0", "mtu", mtu, "up");
            }
            return new BareNetwork("/run/netns/hsb-a", "/run/netns/hsb-b");
        }

        void close() throws Exception {
            for (var name : List.of("hsb-a", "hsb-b", "hsb-bridge")) output("ip", "netns", "delete", name);
        }
    }
}
