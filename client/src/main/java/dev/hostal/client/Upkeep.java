package dev.hostal.client;

import dev.hostal.api.ImageV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.ProcessesV1;
import dev.hostal.api.UpdateInstanceV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The calls about looking after instances that exist.
public interface Upkeep {
    InstanceV1 update(String ref, UpdateInstanceV1 body) throws IOException;

    ProcessesV1 processes(String ref) throws IOException;

    /// `{"changes": [{"sort": ..., "path": ...}]}`
    JsonObject changes(String ref) throws IOException;

    /// A tar archive.
    InputStream root(String ref) throws IOException;

    ImageV1 commit(String ref, JsonObject body) throws IOException;

    /// @return names of the instances that were deleted
    List<String> prune() throws IOException;
}
