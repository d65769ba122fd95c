package dev.hostal.spi;

/// Where something that takes time tells how far it is. Never blocks.
@FunctionalInterface
public interface Progress {
    Progress NONE = (_, _, _) -> {};

    /// @param stage what is happening, such as `downloading debian:12`
    /// @param done so far, in the unit of `total`
    /// @param total 0 where unknown
    void report(String stage, long done, long total);

    /// A stage whose length nobody knows.
    default void report(String stage) {
        report(stage, 0, 0);
    }
}
