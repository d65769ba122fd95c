package dev.hostal.image.distribution;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A release of Debian, oldest first. Source: the release page of the Debian wiki, and `distro-info-data`.
public enum DebianRelease {
    BULLSEYE("11", "oldoldstable"),
    BOOKWORM("12", "oldstable"),
    TRIXIE("13", "stable"),
    FORKY("14", "testing"),
    SID("", "unstable");

    private final String version;
    private final String suite;

    DebianRelease(String version, String suite) {
        this.version = version;
        this.suite = suite;
    }

    public String codename() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The number of the release; empty for the one that never is released.
    public String version() {
        return version;
    }

    /// Reads a tag of the `debian` image: `12`, `12.5`, `bookworm`, `bookworm-slim`, `stable`, `latest`.
    static Optional<DebianRelease> ofTag(String tag) {
        var name = tag.endsWith("-slim") ? tag.substring(0, tag.length() - "-slim".length()) : tag;
        if (name.equals("latest") || name.equals("slim")) return Optional.of(TRIXIE);
        var number = name.matches("[0-9]+(\\.[0-9]+)?") ? name.replaceFirst("\\..*", "") : "";
        return Arrays.stream(values())
                .filter(release -> release.codename().equals(name) || release.suite.equals(name)
                        || !number.isEmpty() && release.version.equals(number))
                .findFirst();
    }

    /// This release and the later ones, in the order in which a package that is missing here is looked for.
    List<DebianRelease> andLater() {
        return Arrays.stream(values()).filter(release -> release.compareTo(this) >= 0).toList();
    }

    /// Released as a whole, so that it has suites of updates; the others are updated in place.
    boolean hasUpdates() {
        return compareTo(TRIXIE) <= 0;
    }

    /// The suite of this release that plays the part which the given suite plays in its own release:
    /// `bookworm-security` becomes `trixie-security`. Nothing for what is no part of a release, such as backports.
    Optional<String> suiteLike(String suite) {
        for (var release : values()) {
            for (var name : List.of(release.codename(), release.suite)) {
                if (suite.equals(name)) return Optional.of(codename());
                boolean isUpdate = suite.equals(name + "-updates") || suite.equals(name + "-security");
                if (isUpdate && hasUpdates()) return Optional.of(codename() + suite.substring(name.length()));
            }
        }
        return Optional.empty();
    }

    /// The release that a host of this codename runs.
    static Optional<DebianRelease> ofCodename(String codename) {
        return Arrays.stream(values()).filter(release -> release.codename().equals(codename)).findFirst();
    }
}
