package dev.hostal.core.instance;

import dev.hostal.core.Upkeep.Tested;
import java.util.ArrayDeque;
import java.util.List;

/// The last tests of a program. Any thread may ask.
final class TestLog {
    /// Source: the Docker Engine keeps five, of 4096 bytes each.
    private static final int KEPT_MAX = 5;
    static final int OUTPUT_MAX = 4096;

    private final ArrayDeque<Tested> tests = new ArrayDeque<>();
    private int failures;

    synchronized void add(Tested test) {
        if (tests.size() == KEPT_MAX) tests.removeFirst();
        tests.addLast(test);
        failures = test.exitCode() == 0 ? 0 : failures + 1;
    }

    /// In a row, up to the last one.
    synchronized int failures() {
        return failures;
    }

    synchronized List<Tested> last() {
        return List.copyOf(tests);
    }
}
