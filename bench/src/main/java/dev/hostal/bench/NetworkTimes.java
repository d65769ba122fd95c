package dev.hostal.bench;

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
    }

    private void changes(Table table) throws Exception {
        var created = new ArrayList<Double>();
        var added = new ArrayList<Double>();
        bench.ask("run", "-d", "--name", "port-me", "tiny", "sleep", "86400");
        for (int round = -1; round < Bench.QUICK_ROUNDS; round++) {
            var network = "net" + (round + 1);
            double before = System.nanoTime();
            bench.ask("network", "create", network);
            bench.ask("network", "attach", "port-me", network);
            double between = System.nanoTime();
            bench.ask("port", "add", "port-me", Integer.toString(1000 + round + 1));
            double after = System.nanoTime();
            bench.ask("network", "detach", "port-me", network);
            bench.ask("network", "delete", network);
            if (round < 0) continue;
            created.add((between - before) / 1e9);
            added.add((after - between) / 1e9);
        }
        bench.ask("delete", "--force", "port-me");
        table.add("network: changes, two commands and one", List.of(new Sample("network create, container attached", "s", created),
                new Sample("port add", "s", added)));
    }

    private void throughput(Table table) throws Exception {
        bench.ask("run", "-d", "--name", "net-a", "tiny", "sleep", MARK + "1");
        bench.ask("run", "-d", "--name", "net-b", "tiny", "sleep", MARK + "2");
        var bare = BareNetwork.make();
        try {
            var a = "/proc/%s/ns/net".formatted(pid(MARK + "1"));
            var b = "/proc/%s/ns/net".formatted(pid(MARK + "2"));
            var address = bench.askJson("show", "net-b", "--json").texts("addresses").getFirst();
            var ours = new ArrayList<Double>();
            var grouped = new ArrayList<Double>();
            var cables = new ArrayList<Double>();
            var connect = new ArrayList<Double>();
            var connectGrouped = new ArrayList<Double>();
            for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
                cables.add(gigabits(bare.first(), bare.second(), BareNetwork.ADDRESS));
                ours.add(gigabits(a, b, address));
                connect.add(connections(a, b, address));
            }
            var rules = new StringBuilder();
            for (int i = 0; i < RULES; i++) rules.append(RULE.formatted(Integer.toString(10_000 + i))).append(',');
            output("curl", "-sSf", "--unix-socket", bench.home().resolve("run/hostal.sock").toString(), "-H",
                    "Content-Type: application/json", "-d", "{\"name\":\"many\",\"rules\":[" + rules + RULE.formatted("1-9999") + "]}",
                    "http://hostal/v1/security-groups");
            bench.ask("group", "attach", "many", "net-b");
            for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
                grouped.add(gigabits(a, b, address));
                connectGrouped.add(connections(a, b, address));
            }
            table.add("network: container to container, iperf3", List.of(new Sample("hostal", "Gbit/s", ours),
                    new Sample("hostal, " + RULES + " rules", "Gbit/s", grouped), new Sample("bare veth at a bridge", "Gbit/s", cables)));
            table.add("network: 200 connections one after another", List.of(new Sample("without rules", "s", connect),
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
            var json = output("nsenter", "--net=" + client, "iperf3", "-c", address, "-p", "5201", "-t", "" + SECONDS, "-f", "g", "-i", "0");
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
                for _ in range(200): s.accept()[0].close()
                """).start();
        try {
            Thread.sleep(500);
            return Double.parseDouble(output("nsenter", "--net=" + client, "python3", "-c", """
                    import socket, time
                    began = time.time()
                    for _ in range(200): socket.create_connection(("%s", 5202), 5).close()
                    print(time.time() - began)
                    """.formatted(address)).strip());
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

        static BareNetwork make() throws Exception {
            for (var name : List.of("hsb-a", "hsb-b", "hsb-bridge")) output("ip", "netns", "add", name);
            output("ip", "-n", "hsb-bridge", "link", "add", "br", "type", "bridge");
            output("ip", "-n", "hsb-bridge", "link", "set", "br", "up");
            for (int i = 1; i <= 2; i++) {
                var name = i == 1 ? "hsb-a" : "hsb-b";
                output("ip", "-n", "hsb-bridge", "link", "add", "p" + i, "master", "br", "type", "veth", "peer", "name", "eth0",
                        "netns", name);
                output("ip", "-n", "hsb-bridge", "link", "set", "p" + i, "up");
                output("ip", "-n", name, "address", "add", "192.0.2." + i + "/24", "dev", "eth0");
                output("ip", "-n", name, "link", "set", "eth0", "up");
            }
            return new BareNetwork("/run/netns/hsb-a", "/run/netns/hsb-b");
        }

        void close() throws Exception {
            for (var name : List.of("hsb-a", "hsb-b", "hsb-bridge")) output("ip", "netns", "delete", name);
        }
    }
}
