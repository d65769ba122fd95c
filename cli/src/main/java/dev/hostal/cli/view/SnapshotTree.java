package dev.hostal.cli.view;

import dev.hostal.api.SnapshotV1;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Draws snapshots below their parents, and where the instance is now.
public final class SnapshotTree {
    /// @param drawn the tree's branches and the name
    /// @param snapshot empty for the line of the present
    public record Line(String drawn, Optional<SnapshotV1> snapshot) {}

    private static final String NOW = "* now";

    private final List<SnapshotV1> all;
    private final List<Line> lines = new ArrayList<>();
    private final Set<String> drawn = new HashSet<>();

    private SnapshotTree(List<SnapshotV1> all) {
        this.all = all;
    }

    public static List<Line> of(List<SnapshotV1> snapshots) {
        var tree = new SnapshotTree(snapshots);
        var names = snapshots.stream().map(SnapshotV1::name).toList();
        for (var root : snapshots) {
            // One whose parent is unknown stands alone.
            if (root.parent().filter(names::contains).isEmpty()) tree.draw(root, "", "");
        }
        if (snapshots.stream().noneMatch(SnapshotV1::current)) tree.lines.add(new Line(NOW, Optional.empty()));
        return tree.lines;
    }

    private void draw(SnapshotV1 one, String prefix, String below) {
        if (!drawn.add(one.name())) return;
        lines.add(new Line(prefix + one.name(), Optional.of(one)));
        var children = all.stream().filter(other -> other.parent().filter(one.name()::equals).isPresent()).toList();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1 && !one.current();
            draw(children.get(i), below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
        }
        if (one.current()) lines.add(new Line(below + "└─ " + NOW, Optional.empty()));
    }
}
