package dev.hostal.image.distribution;

import static dev.hostal.base.Check.require;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// One place that binary packages come from. Source: sources.list(5).
///
/// @param uris where archives are, such as `http://mirror/debian`
/// @param suites such as `bookworm` and `bookworm-updates`
/// @param components such as `main`; empty for an archive without components
/// @param signedBy file of the keys, where the entry names one
/// @param embedsKey the entry brings a key in its own text instead of naming a file
/// @param trusted the host's administrator takes packages from here without a signature
public record AptEntry(List<String> uris, List<String> suites, List<String> components,
        Optional<String> signedBy, boolean embedsKey, boolean trusted) {
    public AptEntry {
        uris = List.copyOf(uris);
        suites = List.copyOf(suites);
        components = List.copyOf(components);
        require(!uris.isEmpty(), "an entry names at least one archive");
        require(!suites.isEmpty(), "an entry names at least one suite");
        require(signedBy.isEmpty() || !embedsKey, "an entry names a file of keys or brings one, not both");
    }

    /// As lines of a `.list` file, one for each archive and suite. This form is also understood by mmdebstrap.
    List<String> toLines() {
        var options = signedBy.map(file -> "signed-by=" + file).orElse("");
        if (trusted) options = (options + " trusted=yes").strip();
        var start = options.isEmpty() ? "deb " : "deb [" + options + "] ";
        return uris.stream()
                .flatMap(uri -> suites.stream().map(suite -> start + uri + " " + suite + components.stream()
                        .map(component -> " " + component)
                        .collect(Collectors.joining())))
                .toList();
    }
}
