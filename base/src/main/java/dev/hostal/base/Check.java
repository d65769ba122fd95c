package dev.hostal.base;

/// The two checks of the house. Both always run; the text states the rule that holds.
public final class Check {
    private Check() {}

    /// Refuses what a caller promised and did not keep.
    ///
    /// @throws IllegalArgumentException the rule is broken; its message is the formatted text
    public static void require(boolean holds, String rule, Object... values) {
        if (!holds) throw new IllegalArgumentException(rule.formatted(values));
    }

    /// Stops at what we ourselves promised and did not keep.
    ///
    /// @throws IllegalStateException the invariant is broken: a bug of ours
    public static void check(boolean holds, String rule, Object... values) {
        if (!holds) throw new IllegalStateException(rule.formatted(values));
    }
}
