package dev.hostal.bench;

import static dev.hostal.base.Check.require;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Measurements of one thing, in one unit.
record Sample(String name, String unit, List<Double> values) {
    Sample {
        require(!values.isEmpty(), "%s was measured at least once", name);
        var sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        values = List.copyOf(sorted);
    }

    double median() {
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    /// The value that 99 in 100 do not exceed (nearest rank).
    double p99() {
        return values.get((int) Math.ceil(0.99 * values.size()) - 1);
    }

    double min() {
        return values.getFirst();
    }
}
