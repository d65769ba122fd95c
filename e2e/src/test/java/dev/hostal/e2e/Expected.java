package dev.hostal.e2e;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// What must be true of a host whose daemon, machines and helpers are killed at any instant: what was acknowledged is there;
/// what was asked for and not acknowledged is there whole, or not at all.
final class Expected {
    /// The files of a disk.
    ///
    /// @param sure checksums of those whose writing was acknowledged
    /// @param open files that somebody may have been writing
    record Content(Map<String, String> sure, Set<String> open) {
        static final Content EMPTY = new Content(Map.of(), Set.of());

        Content written(String file, String sum) {
            var sums = new TreeMap<>(sure);
            sums.put(file, sum);
            var rest = new HashSet<>(open);
            rest.remove(file);
            return new Content(sums, rest);
        }

        Content perhapsWritten(String file) {
            var sums = new TreeMap<>(sure);
            sums.remove(file);
            var more = new HashSet<>(open);
            more.add(file);
            return new Content(sums, more);
        }

        boolean fits(Map<String, String> read) {
            return sure.entrySet().stream().allMatch(each -> each.getValue().equals(read.get(each.getKey())))
                    && read.keySet().stream().allMatch(file -> sure.containsKey(file) || open.contains(file));
        }
    }

    /// An instance or a snapshot.
    static final class Thing {
        final String name;
        final boolean machine;
        /// Any of which it may have.
        List<Content> contents;
        /// It was acknowledged, and its end was not asked for.
        boolean sure;
        final Map<String, Thing> snapshots = new LinkedHashMap<>();

        Thing(String name, boolean machine, List<Content> contents, boolean sure) {
            this.name = name;
            this.machine = machine;
            this.contents = List.copyOf(contents);
            this.sure = sure;
        }

        void may(List<Content> others) {
            var all = new ArrayList<>(contents);
            all.addAll(others);
            contents = List.copyOf(new HashSet<>(all));
        }

        void change(UnaryOperator<Content> by) {
            contents = contents.stream().map(by).toList();
        }

        /// @return what it is not, as a sentence
        Optional<String> read(Map<String, String> read) {
            var fitting = contents.stream().filter(each -> each.fits(read)).toList();
            if (fitting.isEmpty()) return Optional.of("%s holds %s, which is none of %s".formatted(name, read, contents));
            contents = fitting;
            return Optional.empty();
        }
    }

    final Map<String, Thing> instances = new LinkedHashMap<>();
    final Map<String, Boolean> pools = new LinkedHashMap<>();

    Thing add(String name, boolean machine, List<Content> contents, boolean sure) {
        var thing = new Thing(name, machine, contents, sure);
        instances.put(name, thing);
        return thing;
    }

    /// What was asked for without an answer is known now.
    ///
    /// @return what must not be, as sentences
    static List<String> settle(Map<String, Thing> things, Set<String> there) {
        var wrong = new ArrayList<String>();
        for (var thing : List.copyOf(things.values())) {
            if (there.contains(thing.name)) thing.sure = true;
            else if (thing.sure) wrong.add(thing.name + " is lost");
            else things.remove(thing.name);
        }
        there.stream().filter(name -> !things.containsKey(name))
                .forEach(name -> wrong.add(name + " is there, and nobody made it"));
        return wrong;
    }
}
