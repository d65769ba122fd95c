package dev.hostal.oci.registry;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the operator says of registries, in a file that counts as soon as it is written:
/// ```
/// {"docker.io":        {"mirrors": ["https://mirror.example", "http://10.0.0.5:5000/docker.io"]},
///  "registry.example": {"endpoint": "10.0.0.7:5000", "plainHttp": true},
///  "other.example":    {"authorities": "/etc/hostal/other-ca.pem"}}
/// ```
final class RegistriesFile {
    private static final long LENGTH_MAX = 1 << 20;

    /// Of one state of the file: whether it was written since is told by these.
    private record Stamp(long modifiedMillis, long size, Object key) {
        static final Stamp MISSING = new Stamp(0, -1, "");
    }

    private final Path file;
    private final RegistryOptions otherwise;
    private Stamp stamp = Stamp.MISSING;
    private RegistryOptions options;

    /// @param otherwise what holds where the file says nothing
    RegistriesFile(Path file, RegistryOptions otherwise) {
        this.file = file;
        this.otherwise = otherwise;
        this.options = otherwise;
    }

    /// The options as they are now.
    ///
    /// @throws IOException the file is there and cannot be understood; the message says why
    synchronized RegistryOptions options() throws IOException {
        var now = stamp();
        if (now.equals(stamp)) return options;
        options = now.equals(Stamp.MISSING) ? otherwise : read();
        stamp = now;
        return options;
    }

    private Stamp stamp() throws IOException {
        if (!Files.exists(file)) return Stamp.MISSING;
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.size() > LENGTH_MAX) throw new IOException("%s is longer than 1 MiB".formatted(file));
        return new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size(), String.valueOf(attributes.fileKey()));
    }

    private RegistryOptions read() throws IOException {
        try {
            var json = JsonObject.parse(Files.readString(file));
            var endpoints = new TreeMap<>(otherwise.endpoints());
            Set<String> plain = new HashSet<>(otherwise.plainHttp());
            Map<String, List<Mirror>> mirrors = new HashMap<>(otherwise.mirrors());
            Map<String, Path> authorities = new HashMap<>(otherwise.authorities());
            for (var name : json.members().keySet()) {
                var entry = json.object(name);
                entry.onlyMembers("mirrors", "endpoint", "plainHttp", "authorities");
                entry.findText("endpoint").ifPresent(host -> endpoints.put(name, host));
                var host = endpoints.getOrDefault(name, name);
                if (entry.bool("plainHttp", false)) plain.addAll(List.of(name, host));
                entry.findText("authorities").ifPresent(path -> authorities.put(host, file.resolveSibling(path)));
                if (!entry.has("mirrors")) continue;
                var places = entry.texts("mirrors").stream().map(Mirror::parse).toList();
                places.stream().filter(Mirror::plain).forEach(mirror -> plain.add(mirror.host()));
                mirrors.put(name, places);
            }
            return otherwise.with(endpoints, plain, mirrors, authorities);
        } catch (JsonException | IllegalArgumentException e) {
            throw new IOException("%s cannot be understood: %s".formatted(file, e.getMessage()), e);
        }
    }
}
