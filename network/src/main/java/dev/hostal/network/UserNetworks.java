package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProgram;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.SwitchPlaces;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Networks of a user who is not root: one process of the agent's program joins the machines and knows their names. It outlives
/// this process, and one that ended is started again; machines do not notice but for what was lost meanwhile.
public final class UserNetworks implements NetworkDriver {
    private static final String MARK = "HOSTAL_SWITCH";
    private static final String PORTS = "ports";

    private final LinkNames names;
    private final Path folder;
    private final ProcessTable table;
    private final KeptProcesses kept;
    private final DetachedProcesses detached;
    private final HostProgram agent;
    private Optional<ProcessId> running = Optional.empty();
    private String written = "";
    private boolean looked;

    /// @param home of the daemon, which makes the names of ports
    /// @param run its runtime folder
    public UserNetworks(Path home, Path run, ProcessTable table, DetachedProcesses detached, HostProgram agent) {
        this.names = LinkNames.of(home.toString());
        this.folder = SwitchPlaces.below(run).folder();
        this.table = table;
        this.kept = new KeptProcesses(table, MARK);
        this.detached = detached;
        this.agent = agent;
    }

    @Override public LinkNames names() {
        return names;
    }

    @Override public boolean makesBridges() {
        return false;
    }

    @Override public synchronized List<String> apply(NetworkPlan plan, Deadline deadline)
            throws IOException, InterruptedException {
        boolean first = !looked;
        look();
        if (plan.plugs().isEmpty()) {
            end();
            return List.of();
        }
        var text = ports(plan.plugs());
        if (!text.equals(written)) write(plan.plugs(), text);
        if (running.isPresent() && table.isAlive(running.get())) return List.of();
        boolean repaired = running.isPresent() && !first;
        start(deadline);
        return repaired ? List.of("the switch of the user networks") : List.of();
    }

    /// Source: the agent's `switch.c`.
    static String ports(List<Plug> plugs) {
        return plugs.stream().map(plug -> "%s %s %s %s %s\n".formatted(plug.device(), plug.network(), plug.mac(),
                plug.ipv4().orElseThrow(), String.join(" ", plug.names()))).collect(Collectors.joining());
    }

    /// What an earlier daemon has left; one that died before it wrote the number of its process is found by its environment.
    private void look() throws IOException, InterruptedException {
        if (looked) return;
        running = kept.in(folder);
        for (var stat : table.list()) {
            if (running.filter(stat.id()::equals).isPresent()) continue;
            if (kept.isOf(stat.id(), folder)) kept.end(stat.id());
        }
        looked = true;
    }

    private void write(List<Plug> plugs, String text) throws IOException {
        Folders.ensurePrivate(folder);
        var next = folder.resolve(PORTS + ".tmp");
        Files.writeString(next, text);
        Files.move(next, folder.resolve(PORTS), StandardCopyOption.ATOMIC_MOVE);
        written = text;
        // QEMU's own sockets stay when it ends.
        var there = plugs.stream().map(Plug::device).collect(Collectors.toSet());
        for (var name : Folders.names(folder)) {
            if (name.matches("ho.*\\.[NU]") && !there.contains(name.substring(0, name.length() - 2))) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
    }

    private void start(Deadline deadline) throws IOException, InterruptedException {
        var started = detached.start(List.of(agent.get(deadline).toString(), "--switch", folder.toString()),
                kept.environment(folder), Path.of("/"), folder.resolve("log"));
        kept.keep(folder, started);
        running = Optional.of(started);
    }

    private void end() throws IOException, InterruptedException {
        if (running.isPresent()) kept.end(running.get());
        running = Optional.empty();
        written = "";
        Folders.ensureAbsent(folder);
    }

    @Override public List<Subnet> takenSubnets() {
        return List.of();
    }

    @Override public int mtuOut() {
        return 0;
    }

    @Override public Optional<String> holderOf(String address, int port, String protocol) throws IOException {
        return PortHolders.find(address, port, protocol);
    }

    /// QEMU's user networking counts nothing.
    @Override public Optional<Traffic> traffic(String device) {
        return Optional.empty();
    }

    @Override public Optional<String> objection(Shape shape, Deadline deadline) {
        return Optional.of("NICs are shaped where the daemon is root.");
    }

    @Override public void capture(String device, OutputStream pcap, long packets, Deadline deadline) {
        throw new Problem(ErrorCode.UNSUPPORTED, "NICs are captured where the daemon is root.");
    }

    @Override public void close() {
        // The switch goes on for machines that do.
    }
}
