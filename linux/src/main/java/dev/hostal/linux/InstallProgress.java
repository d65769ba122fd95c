package dev.hostal.linux;

/// Told how far an installation is. `spi.Progress::report` fits.
@FunctionalInterface
public interface InstallProgress {
    InstallProgress NONE = (_, _, _) -> {};

    /// @param stage such as `installing qemu-system-x86`
    /// @param total 0 where unknown
    void report(String stage, long done, long total);
}
