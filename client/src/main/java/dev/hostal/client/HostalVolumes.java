package dev.hostal.client;

import dev.hostal.api.CreateVolumeV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.VolumeV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// Every call of `/v1` about volumes; see [Hostal] for how calls fail.
public interface HostalVolumes {
    /// @param query such as `label`
    List<VolumeV1> list(Map<String, String> query) throws IOException;

    VolumeV1 create(CreateVolumeV1 body) throws IOException;

    VolumeV1 get(String ref) throws IOException;

    OperationV1 delete(String ref) throws IOException;

    /// @return `volumes` and `freed`
    JsonObject prune(boolean all) throws IOException;

    /// @param verb `snapshot` or `clone`
    OperationV1 copy(String ref, String verb, CreateVolumeV1 body) throws IOException;

    /// A tar archive, or a disk; to be closed.
    InputStream export(String ref) throws IOException;

    void importTar(String ref, InputStream tar) throws IOException;
}
