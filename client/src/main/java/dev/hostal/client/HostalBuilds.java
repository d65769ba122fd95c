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
    /// @param told every event but the last
    /// @throws ApiException BUILD_FAILED and others
    ImageV1 build(BuildV1 wanted, InputStream context, Consumer<BuildEventV1> told) throws IOException;

    /// Forgets what former builds have left.
    ///
    /// @return bytes that that freed
    long prune() throws IOException;
}
