package dev.hostal.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Netfilter;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The tables of one daemon in the kernel, by nft(8): each change is one transaction. For one thread.
///
/// What the kernel lists right after a change is remembered: whoever changes something by hand changes the listing. The
/// kernel counts changes of all tables, so that nothing is listed as long as nobody has changed any.
final class PacketFilter {
    private static final List<String> FAMILIES = List.of("inet", "bridge");
    private static final String NFT = "nft";

    private final Processes processes;
    private final Netfilter netfilter;
    private final String table;
    private Optional<Applied> applied = Optional.empty();

    /// @param listing empty until there was time to ask for it
    /// @param generation of the kernel's tables when they were seen last
    private record Applied(RuleSet rules, Optional<String> listing, long generation) {}

    PacketFilter(Processes processes, Netfilter netfilter, String table) {
        this.processes = processes;
        this.netfilter = netfilter;
        this.table = table;
    }

    /// @return whether something was not as it had been left
    boolean apply(RuleSet wanted, Deadline deadline) throws IOException, InterruptedException {
        boolean changed = applied.isPresent() && isChanged(applied.get(), deadline);
        if (!changed && applied.isPresent() && applied.get().rules().equals(wanted)) return false;
        var before = changed ? Optional.<Applied>empty() : applied;
        applied = Optional.empty();
        var text = before.map(old -> wanted.toTextAfter(old.rules())).orElseGet(wanted::toText);
        nft(before.isPresent() && !wanted.tables().isEmpty() ? text : absent(wanted) + text, deadline);
        applied = Optional.of(new Applied(wanted, Optional.empty(), netfilter.generation()));
        return changed;
    }

    private boolean isChanged(Applied last, Deadline deadline) throws IOException, InterruptedException {
        long generation = netfilter.generation();
        if (generation == last.generation()) return false;
        if (last.listing().isEmpty() || !listing(last.rules(), deadline).equals(last.listing().get())) return true;
        applied = Optional.of(new Applied(last.rules(), last.listing(), generation));
        return false;
    }

    /// Remembers how what was applied is listed; for when nobody waits.
    void remember(Deadline deadline) throws IOException, InterruptedException {
        if (applied.isEmpty() || applied.get().listing().isPresent()) return;
        var last = applied.get();
        var listing = listing(last.rules(), deadline);
        if (netfilter.generation() == last.generation()) {
            applied = Optional.of(new Applied(last.rules(), Optional.of(listing), last.generation()));
        }
    }

    /// Removes the tables that are not wanted, whether they are there or not.
    private String absent(RuleSet wanted) {
        var text = new StringBuilder();
        for (var family : FAMILIES) {
            if (wanted.tables().stream().anyMatch(one -> one.family().equals(family))) continue;
            text.append("table %s %s {}\ndelete table %s %s\n".formatted(family, table, family, table));
        }
        return text.toString();
    }

    private void nft(String text, Deadline deadline) throws IOException, InterruptedException {
        if (text.isEmpty()) return;
        var exit = processes.run(Command.of(NFT, "-f", "-").withStdin(text.getBytes(UTF_8)), deadline);
        if (exit.status() != 0) throw new IOException("The packet filter did not take the rules: %s"
                .formatted(exit.stderr().strip()));
    }

    private String listing(RuleSet rules, Deadline deadline) throws IOException, InterruptedException {
        var text = new StringBuilder();
        for (var one : rules.tables()) {
            var exit = processes.run(Command.of(NFT, "-s", "list", "table", one.family(), one.name()), deadline);
            text.append(exit.status()).append(exit.stdout());
        }
        return text.toString();
    }
}
