package dev.hostal.daemon.http;

import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// JSON of instances, written once for each of their pictures: a list of a thousand costs a copy of bytes.
final class InstancePictures {
    /// Beside those that exist, how many of deleted instances may be remembered. Chosen.
    private static final int FORGOTTEN_MAX = 256;
    private static final byte[] HEAD = "{\"instances\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TAIL = "]}\n".getBytes(StandardCharsets.US_ASCII);

    private record Picture(Instance instance, byte[] json) {}

    private final Map<InstanceId, Picture> pictures = new ConcurrentHashMap<>();

    /// The JSON object of one instance.
    byte[] of(Instance instance) {
        var known = pictures.get(instance.id());
        // The very same immutable object: equality would cost more than it saves.
        if (known != null && known.instance() == instance) return known.json();
        var json = ToWire.instance(instance).toJson().toText().getBytes(StandardCharsets.UTF_8);
        pictures.put(instance.id(), new Picture(instance, json));
        return json;
    }

    /// The body of the list.
    byte[] list(List<Instance> instances) {
        var parts = instances.stream().map(this::of).toList();
        int length = HEAD.length + TAIL.length + Math.max(0, parts.size() - 1);
        for (var part : parts) {
            length += part.length;
        }
        var body = ByteBuffer.allocate(length).put(HEAD);
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) body.put((byte) ',');
            body.put(parts.get(i));
        }
        return body.put(TAIL).array();
    }

    /// Forgets what is no more, when it is worth it.
    ///
    /// @param all every instance that exists
    void prune(List<Instance> all) {
        if (pictures.size() <= all.size() + FORGOTTEN_MAX) return;
        var ids = all.stream().map(Instance::id).collect(Collectors.toSet());
        pictures.keySet().retainAll(ids);
    }
}
