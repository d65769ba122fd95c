package dev.hostal.spi;

import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Whoever asked for a build, as far as the build may ask back while it runs. Any thread may.
public interface BuildCaller {
    /// Has nothing to say.
    BuildCaller NOBODY = new BuildCaller() {
        @Override public Optional<byte[]> secret(String id) {
            return Optional.empty();
        }

        @Override public Optional<RegistryLogin> login(String registry) {
            return Optional.empty();
        }

        @Override public boolean hasAgent(String id) {
            return false;
        }

        @Override public void talkToAgent(String id, InputStream in, OutputStream out) throws IOException {
            throw new IOException("there is no SSH agent " + id);
        }

        @Override public Optional<InputStream> context(String name) {
            return Optional.empty();
        }
    };

    /// The content of a secret; never written down but where a step sees it.
    Optional<byte[]> secret(String id) throws IOException, InterruptedException;

    Optional<RegistryLogin> login(String registry) throws IOException, InterruptedException;

    /// Whether there is an SSH agent of that id.
    boolean hasAgent(String id) throws IOException, InterruptedException;

    /// Carries what a program says to an SSH agent, and the answers, until either ends.
    void talkToAgent(String id, InputStream in, OutputStream out) throws IOException, InterruptedException;

    /// A further context, as a tar archive without what is ignored.
    Optional<InputStream> context(String name) throws IOException, InterruptedException;
}
