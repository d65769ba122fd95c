package dev.hostal.core.instance;

import static dev.hostal.base.Check.require;

/// How well a program is, from the results of its tests. Source: docker's documentation of HEALTHCHECK.
///
/// @param word `starting`, `healthy` or `unhealthy`
/// @param failures in a row that count
record Health(String word, int failures) {
    static final String STARTING = "starting";
    static final String HEALTHY = "healthy";
    static final String UNHEALTHY = "unhealthy";
    static final Health NEW = new Health(STARTING, 0);

    Health {
        require(failures >= 0, "failures are counted up");
    }

    /// @param inStartPeriod failures do not count yet, unless it has been well before
    /// @param retries failures in a row until it is unhealthy
    Health after(boolean passed, boolean inStartPeriod, int retries) {
        if (passed) return new Health(HEALTHY, 0);
        if (word.equals(STARTING) && inStartPeriod) return this;
        int more = failures + 1;
        return new Health(more >= retries ? UNHEALTHY : word, more);
    }
}
