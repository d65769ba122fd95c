package dev.hostal.spi;

/// Where something that takes time tells how far it is. Never blocks.
@FunctionalInterface
public interface Progress {
    Progress NONE = (_, _, _) -> {};

    /// @param stage what is happening, such as `downloading debian:12`
    /// @param done so far, in the unit of `total`
    /// @param total 0 where unknown
    void report(String stage, long done, long total);

    /// The same of one of several things that are under way side by side, such as the layers of an image.
    ///
    /// @param name of the part, such as the beginning of a digest
    default void part(String name, String stage, long done, long total) {}

    /// A stage whose length nobody knows.
    default void report(String stage) {
        report(stage, 0, 0);
    }
}
