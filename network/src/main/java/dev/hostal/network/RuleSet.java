package dev.hostal.network;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Tables of the packet filter as nft(8) reads them. Two of them that differ in the elements of their sets only (intervals
/// left out) can be turned into each other without replacing a table.
///
/// @param tables by family
record RuleSet(List<Table> tables) {
    /// Elements in one command. Chosen: a line of some pages.
    private static final int CHUNK = 500;

    /// @param chains the whole text of its chains
    record Table(String family, String name, SortedMap<String, ElementSet> sets, String chains) {
        Table {
            sets = new TreeMap<>(sets);
        }

        private boolean isLike(Table other) {
            return family.equals(other.family) && name.equals(other.name) && chains.equals(other.chains)
                    && sets.keySet().equals(other.sets.keySet()) && sets.entrySet().stream().allMatch(set ->
                            !set.getValue().hasIntervals() || set.getValue().equals(other.sets.get(set.getKey())));
        }

        private String address() {
            return family + " " + name;
        }
    }

    /// A set or map.
    ///
    /// @param head such as `set bridges { type ifname;` without what follows
    record ElementSet(String head, SortedSet<String> elements) {
        static final String INTERVAL = "flags interval";

        ElementSet {
            elements = new TreeSet<>(elements);
        }

        /// Those are not changed one by one: a kernel may take what is removed in the same transaction for an overlap.
        private boolean hasIntervals() {
            return head.contains(INTERVAL);
        }

        private String toText(String name) {
            var text = "\t" + head.replaceFirst(" ", " " + name + " ");
            return elements.isEmpty() ? text + " }\n"
                    : text + "\n\t\telements = { " + String.join(",\n\t\t\t", elements) + " }\n\t}\n";
        }
    }

    RuleSet {
        tables = List.copyOf(tables);
    }

    /// Replaces what is there, all at once.
    String toText() {
        return tables.stream().map(table -> {
            var sets = table.sets().entrySet().stream().map(set -> set.getValue().toText(set.getKey()))
                    .collect(Collectors.joining());
            return "table %s {}\ndelete table %s\ntable %s {\n%s%s}\n".formatted(table.address(), table.address(),
                    table.address(), sets, table.chains());
        }).collect(Collectors.joining());
    }

    /// Turns what another one has made into this one; the whole text where elements alone do not do it.
    String toTextAfter(RuleSet before) {
        if (before.tables.size() != tables.size()) return toText();
        var text = new StringBuilder();
        for (int i = 0; i < tables.size(); i++) {
            var table = tables.get(i);
            var old = before.tables.get(i);
            if (!table.isLike(old)) return toText();
            table.sets.forEach((name, set) -> {
                change(text, "delete", table, name, minus(old.sets.get(name).elements(), set.elements()));
                change(text, "add", table, name, minus(set.elements(), old.sets.get(name).elements()));
            });
        }
        return text.toString();
    }

    private static void change(StringBuilder text, String verb, Table table, String set, List<String> elements) {
        for (int i = 0; i < elements.size(); i += CHUNK) {
            text.append("%s element %s %s { %s }\n".formatted(verb, table.address(), set,
                    String.join(", ", elements.subList(i, Math.min(elements.size(), i + CHUNK)))));
        }
    }

    private static List<String> minus(SortedSet<String> some, SortedSet<String> others) {
        return some.stream().filter(element -> !others.contains(element)).toList();
    }
}
