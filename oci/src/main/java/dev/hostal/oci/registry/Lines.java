package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The connections to all registries, made on first use, and made anew when the options have changed. Transfers
/// under way go on over the old ones.
final class Lines implements AutoCloseable {
    /// How long a mirror that does not work is left out. Chosen: a mirror that comes back is noticed soon.
    private static final Duration SHUNNED_FOR = Duration.ofSeconds(30);
    /// Logins whose tokens are remembered. Chosen.
    private static final int LOGINS_MAX = 64;

    /// What holds now.
    interface Options {
        RegistryOptions now() throws IOException;
    }

    private record Known(String registry, Who who) {}

    private final Options options;
    private final Map<String, Deadline> shunned = new ConcurrentHashMap<>();
    /// All guarded by this object's monitor.
    private Optional<RegistryOptions> last = Optional.empty();
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    private final List<Connection> old = new ArrayList<>();
    private final Map<Known, Connection> logins = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override protected boolean removeEldestEntry(Map.Entry<Known, Connection> eldest) {
            return size() > LOGINS_MAX;
        }
    };

    Lines(Options options) {
        this.options = options;
    }

    synchronized Connection to(String registry, Who asking) throws IOException {
        var now = options.now();
        if (!last.equals(Optional.of(now))) {
            old.addAll(connections.values());
            connections.clear();
            logins.clear();
            shunned.clear();
            last = Optional.of(now);
        }
        var line = connections.get(registry);
        if (line == null) {
            line = new Connection(registry, now);
            connections.put(registry, line);
        }
        // A login for another registry is nobody's business here.
        var who = asking.at(registry);
        if (who.equals(Who.HOST)) return line;
        var known = new Known(registry, who);
        var own = logins.get(known);
        if (own == null) {
            own = line.as(who);
            logins.put(known, own);
        }
        return own;
    }

    /// The mirrors of a registry that are worth asking.
    List<Mirror> mirrors(String registry) throws IOException {
        return options.now().mirrors(registry).stream().filter(mirror -> !isShunned(mirror)).toList();
    }

    private boolean isShunned(Mirror mirror) {
        var until = shunned.get(mirror.host());
        return until != null && !until.isPast();
    }

    void failed(Mirror mirror, RegistryException failure) {
        boolean works = failure.reason() == Reason.NOT_FOUND || failure.reason() == Reason.DENIED;
        if (!works) shunned.put(mirror.host(), Deadline.in(SHUNNED_FOR));
    }

    @Override public synchronized void close() {
        old.forEach(Connection::close);
        connections.values().forEach(Connection::close);
    }
}
