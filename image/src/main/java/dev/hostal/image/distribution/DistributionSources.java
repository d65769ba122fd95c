package dev.hostal.image.distribution;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The distribution's own package sources of this host, and from them those of its other releases. A third
/// party's entry is never used, whatever suite it names.
public final class DistributionSources {
    /// Keys of Debian's archive. Source: files of the package debian-archive-keyring.
    private static final List<String> KEYRINGS = List.of("usr/share/keyrings/debian-archive-keyring.gpg",
            "usr/share/keyrings/debian-archive-keyring.pgp");
    private static final String KEYRING_START = "debian-archive-";
    /// All that is taken from a distribution lies in its first component.
    private static final List<String> COMPONENTS = List.of("main");

    private final Path root;
    private final OsRelease host;
    private final List<AptEntry> own;

    private DistributionSources(Path root, OsRelease host, List<AptEntry> own) {
        this.root = root;
        this.host = host;
        this.own = List.copyOf(own);
    }

    /// @param root of the host's file system
    public static DistributionSources read(Path root) throws IOException {
        var host = OsRelease.read(root);
        return new DistributionSources(root, host, own(AptSources.read(root), host));
    }

    /// The release this host runs; the newest stable one where the host's codename says nothing.
    DebianRelease hostRelease() {
        return DebianRelease.ofCodename(host.codename()).orElse(DebianRelease.TRIXIE);
    }

    /// Where packages of that release come from: the same archives, other suites.
    ///
    /// @throws Problem PACKAGES_UNAVAILABLE this host has no usable source
    List<AptEntry> of(DebianRelease release) {
        var entries = new ArrayList<AptEntry>();
        for (var entry : own) {
            var suites = entry.suites().stream()
                    .flatMap(suite -> release.suiteLike(suite).stream())
                    .distinct()
                    .toList();
            if (suites.isEmpty()) continue;
            var signedBy = entry.signedBy().filter(file -> Files.exists(root.resolve(relative(file))))
                    .or(this::keyring);
            entries.add(new AptEntry(entry.uris(), suites, COMPONENTS, signedBy, false, entry.trusted()));
        }
        if (entries.isEmpty()) throw noSource(release);
        return entries;
    }

    private Problem noSource(DebianRelease release) {
        return new Problem(ErrorCode.PACKAGES_UNAVAILABLE, """
                No package source for Debian %s (%s) follows from this host's apt configuration; it runs '%s %s'.
                Maybe add the distribution's own entry to /etc/apt/sources.list.d, with the keyring of the package \
                debian-archive-keyring.""".formatted(release.version(), release.codename(), host.id(), host.codename()));
    }

    /// Entries signed with the distribution's keys. Only where there are none: entries without a key of their
    /// own which have the host's codename and the first component, as older systems were installed.
    private static List<AptEntry> own(List<AptEntry> all, OsRelease host) {
        var usable = all.stream()
                .filter(entry -> entry.components().contains("main"))
                .filter(entry -> entry.uris().stream().noneMatch(uri -> uri.startsWith("cdrom:")))
                .toList();
        var signed = usable.stream().filter(DistributionSources::hasDebianKey).toList();
        if (!signed.isEmpty()) return signed;
        if (!host.id().equals("debian")) return List.of();
        return usable.stream()
                .filter(entry -> entry.signedBy().isEmpty() && !entry.embedsKey())
                .filter(entry -> entry.suites().stream()
                        .anyMatch(suite -> DebianRelease.BOOKWORM.suiteLike(suite).isPresent()))
                .toList();
    }

    private static boolean hasDebianKey(AptEntry entry) {
        return entry.signedBy()
                .filter(file -> file.substring(file.lastIndexOf('/') + 1).startsWith(KEYRING_START))
                .isPresent();
    }

    private Optional<String> keyring() {
        return KEYRINGS.stream().filter(file -> Files.exists(root.resolve(file))).findFirst().map(file -> "/" + file);
    }

    private static String relative(String file) {
        return file.startsWith("/") ? file.substring(1) : file;
    }
}
