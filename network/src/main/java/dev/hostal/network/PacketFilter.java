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
/// What the kernel has right after a change is remembered, in short: whoever changes something by hand changes that. The
/// kernel counts changes of all tables, so that nothing is read as long as nobody has changed any; and no program is run to read.
final class PacketFilter {
    private static final List<String> FAMILIES = List.of("inet", "bridge");
    private static final String NFT = "nft";

    private final Processes processes;
    private final Netfilter netfilter;
    private final String table;
    private Optional<Applied> applied = Optional.empty();

    /// @param contents of its tables, in short
    /// @param generation of the kernel's tables when they were seen last
    private record Applied(RuleSet rules, String contents, long generation) {}

    PacketFilter(Processes processes, Netfilter netfilter, String table) {
        this.processes = processes;
        this.netfilter = netfilter;
        this.table = table;
    }

    /// @return whether something was not as it had been left
    boolean apply(RuleSet wanted, Deadline deadline) throws IOException, InterruptedException {
        boolean changed = applied.isPresent() && isChanged(applied.get());
        if (!changed && applied.isPresent() && applied.get().rules().equals(wanted)) return false;
        var before = changed ? Optional.<Applied>empty() : applied;
        applied = Optional.empty();
        var text = before.map(old -> wanted.toTextAfter(old.rules())).orElseGet(wanted::toText);
        nft(before.isPresent() && !wanted.tables().isEmpty() ? text : absent(wanted) + text, deadline);
        applied = Optional.of(look(wanted));
        return changed;
    }

    private boolean isChanged(Applied last) throws IOException {
        if (netfilter.generation() == last.generation()) return false;
        var now = look(last.rules());
        if (!now.contents().equals(last.contents())) return true;
        applied = Optional.of(now);
        return false;
    }

    /// What is read while somebody changes a table may be half of it: then it is read again the next time.
    private Applied look(RuleSet rules) throws IOException {
        long generation = netfilter.generation();
        var text = new StringBuilder();
        for (var one : rules.tables()) {
            text.append(netfilter.contents(one.family(), one.name(), one.sets().keySet())).append('\n');
        }
        return new Applied(rules, text.toString(), generation);
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
}
