package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// One dnsmasq for each bridge, which outlives this process. For one thread.
///
/// Each has a folder: its configuration, a file for each NIC, and `pid`, written when it runs. One that was started by a
/// daemon that died before it wrote that is found by its environment.
final class NameServers {
    private static final String MARK = "HOSTAL_NETWORK";
    private static final int HUP = 1;
    private static final int DNS = 53;
    private static final int CONNECT_MILLIS = 200;
    private static final long POLL_MILLIS = 5;

    private final Path folders;
    private final Path leases;
    private final ProcessTable table;
    private final KeptProcesses kept;
    private final DetachedProcesses detached;
    /// Text of files as they were written, so that nothing is written twice; empty at first.
    private final Map<Path, String> written = new HashMap<>();
    private final Map<String, ProcessId> running = new HashMap<>();
    private boolean looked;

    /// @param folders one each, gone with the network
    /// @param leases folder of lease files, which stay
    NameServers(Path folders, Path leases, ProcessTable table, DetachedProcesses detached) {
        this.folders = folders;
        this.leases = leases;
        this.table = table;
        this.kept = new KeptProcesses(table, MARK);
        this.detached = detached;
    }

    /// @return what had ended although it was started before
    List<String> apply(NetworkPlan plan, Deadline deadline) throws IOException, InterruptedException {
        var repaired = new ArrayList<String>();
        look();
        var names = plan.networks().stream().map(Net::name).collect(Collectors.toSet());
        for (var gone : Set.copyOf(running.keySet())) {
            if (!names.contains(gone)) end(gone);
        }
        var plugs = plan.plugs().stream().collect(Collectors.groupingBy(Plug::network));
        for (var net : plan.networks()) {
            boolean fewer = writeNics(net, plugs.getOrDefault(net.name(), List.of()));
            fewer |= write(folder(net.name()).resolve("servers"), NameServer.servers(net, plan.networks()));
            boolean other = write(folder(net.name()).resolve("dnsmasq.conf"),
                    NameServer.config(net, folder(net.name()), leases.resolve(net.name())));
            if (other) stop(net.name());
            if (ensureRuns(net, deadline)) {
                if (!other && looked) repaired.add("the name server of network " + net.name());
            } else if (fewer) {
                table.signal(running.get(net.name()), HUP);
            }
        }
        looked = true;
        return repaired;
    }

    /// What an earlier daemon has left.
    private void look() throws IOException, InterruptedException {
        if (looked || !Files.isDirectory(folders)) return;
        var known = new HashSet<ProcessId>();
        for (var name : Folders.names(folders)) {
            if (!Files.isDirectory(folder(name))) continue;
            var process = kept.in(folder(name));
            if (process.isPresent()) {
                known.add(process.get());
                running.put(name, process.get());
            } else {
                running.put(name, new ProcessId(Integer.MAX_VALUE, 0));     // None: its folder is to be seen to.
            }
        }
        for (var stat : table.list()) {
            if (known.contains(stat.id())) continue;
            var mark = table.environment(stat.id().pid(), MARK);
            if (mark.isPresent() && mark.get().startsWith(folders + "/")) kept.end(stat.id());
        }
    }

    private boolean writeNics(Net net, List<Plug> plugs) throws IOException {
        var hosts = folder(net.name()).resolve("hosts");
        var dhcp = folder(net.name()).resolve("dhcp");
        Files.createDirectories(hosts);
        Files.createDirectories(dhcp);
        Files.createDirectories(leases);
        boolean fewer = false;
        var wanted = plugs.stream().map(Plug::device).collect(Collectors.toSet());
        for (var plug : plugs) {
            write(hosts.resolve(plug.device()), NameServer.hosts(net, plug));
            write(dhcp.resolve(plug.device()), NameServer.reservation(plug));
        }
        for (var folder : List.of(hosts, dhcp)) {
            for (var file : known(folder)) {
                if (wanted.contains(file.getFileName().toString())) continue;
                Files.deleteIfExists(file);
                written.remove(file);
                fewer = true;
            }
        }
        return fewer;
    }

    /// What was written by this process, or, at first, what is there.
    private List<Path> known(Path folder) throws IOException {
        if (!looked) return Folders.names(folder).stream().map(folder::resolve).toList();
        return written.keySet().stream().filter(file -> file.getParent().equals(folder)).toList();
    }

    /// @return whether it was another text before
    private boolean write(Path file, String text) throws IOException {
        if (text.equals(written.get(file))) return false;
        if (!written.containsKey(file) && Files.exists(file) && Files.readString(file).equals(text)) {
            written.put(file, text);
            return false;
        }
        Files.createDirectories(file.getParent());
        // Not beside it: the folders are read by dnsmasq as they are.
        var next = folders.resolve("." + file.getFileName());
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        written.put(file, text);
        return true;
    }

    private boolean ensureRuns(Net net, Deadline deadline) throws IOException, InterruptedException {
        var process = running.get(net.name());
        if (process != null && table.isAlive(process)) return false;
        var folder = folder(net.name());
        Files.deleteIfExists(folder.resolve("log"));
        var started = detached.start(List.of("dnsmasq", "--keep-in-foreground", "--conf-file="
                        + folder.resolve("dnsmasq.conf")), Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin",
                        MARK, folder.toString()), Path.of("/"), folder.resolve("log"));
        kept.keep(folder, started);
        running.put(net.name(), started);
        awaitAnswer(net, started, deadline);
        return true;
    }

    /// Until then a guest's first question would be lost, and asked again after seconds only.
    private void awaitAnswer(Net net, ProcessId process, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(net.gateway4(), DNS), CONNECT_MILLIS);
                return;
            } catch (IOException e) {
                if (!table.isAlive(process)) throw new IOException("The name server of network %s ended at once: %s"
                        .formatted(net.name(), Files.readString(folder(net.name()).resolve("log")).strip()), e);
                if (deadline.isPast()) throw e;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void stop(String name) throws IOException, InterruptedException {
        var process = running.remove(name);
        if (process != null) kept.end(process);
    }

    /// With the network goes everything of it but its leases, and those too: nobody can use them again.
    private void end(String name) throws IOException, InterruptedException {
        stop(name);
        Folders.ensureAbsent(folder(name));
        written.keySet().removeIf(file -> file.startsWith(folder(name)));
        Files.deleteIfExists(leases.resolve(name));
        if (Folders.names(folders).isEmpty()) Files.deleteIfExists(folders);
    }

    private Path folder(String network) {
        return folders.resolve(network);
    }
}
