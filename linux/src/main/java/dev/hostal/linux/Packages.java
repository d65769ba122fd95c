package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The packages of the distribution, installed when needed and allowed.
public interface Packages {
    /// The file of a program in the folders where programs are, the administrator's included.
    Optional<Path> findProgram(String name);

    /// Whether a Debian package is installed and configured.
    boolean isInstalled(String name) throws IOException, InterruptedException;

    /// Why nothing can be installed from here; empty where it can.
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    /// Afterwards these packages are installed.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING they are not and may not be installed from here (no
    ///         root, no apt, or forbidden): names them and the command; or the installation failed
    void ensure(List<String> names, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Afterwards these programs are here, installed from the packages of [Engines] where they were not.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING as for [#ensure]
    void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException;
}
