package dev.hostal.client;

import dev.hostal.api.BuildEventV1;
import dev.hostal.api.BuildV1;
import dev.hostal.api.ImageV1;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/// Builds of images.
public interface HostalBuilds {
    /// Builds an image; returns when it is there.
    ///
    /// @param context a tar archive as it comes
    /// @param told every event but the last and what is asked for
    /// @param answers what the build asks for while it runs
    /// @throws ApiException BUILD_FAILED and others
    ImageV1 build(BuildV1 wanted, InputStream context, Consumer<BuildEventV1> told, Answers answers) throws IOException;

    /// Answers what a build asks for; each time on a thread of its own.
    @FunctionalInterface
    interface Answers {
        /// @param asked event `agent` or `context`, with its name as text
        /// @param streams what the build says and is told; closed afterwards
        void answer(BuildEventV1 asked, Hostal.Streams streams) throws IOException;
    }

    /// Forgets what former builds have left.
    ///
    /// @return bytes that that freed
    long prune() throws IOException;
}
