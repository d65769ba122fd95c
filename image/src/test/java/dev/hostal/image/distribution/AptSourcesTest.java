package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourcesTest {
    @TempDir Path root;

    @Test void readsStanzasWithSeveralUrisCommentsAndContinuedFields() {
        var entries = AptSources.ofStanzas("""
                # the first comment
                Types: deb deb-src
                URIs: http://one.test/debian
                # a comment within a stanza
                Suites: bookworm bookworm-updates
                Components: main contrib
                Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

                Types: deb
                uris: http://two.test/a http://three.test/b
                Suites: s
                Components: main
                Signed-By:
                 -----BEGIN PGP PUBLIC KEY BLOCK-----
                 .
                 mQINBF
                 -----END PGP PUBLIC KEY BLOCK-----

                Enabled: no
                Types: deb
                URIs: http://off.test
                Suites: bookworm

                Types: deb-src
                URIs: http://source.test
                Suites: bookworm
                """.lines().toList());

        assertThat(entries).containsExactly(
                new AptEntry(List.of("http://one.test/debian"), List.of("bookworm", "bookworm-updates"),
                        List.of("main", "contrib"), Optional.of("/usr/share/keyrings/debian-archive-keyring.gpg"),
                        false, false),
                new AptEntry(List.of("http://two.test/a", "http://three.test/b"), List.of("s"), List.of("main"),
                        Optional.empty(), true, false));
    }

    @Test void readsLinesWithOptions() {
        var entries = AptSources.ofLines("""
                # deb http://off.test bookworm main
                deb http://one.test/debian bookworm main contrib  # trailing words
                deb [arch=amd64,arm64 signed-by=/k.gpg trusted=yes] http://two.test/ bookworm-security main
                deb-src http://one.test/debian bookworm main
                deb [unclosed http://three.test x main
                deb http://four.test
                deb\thttp://flat.test ./
                """.lines().toList());

        assertThat(entries).containsExactly(
                new AptEntry(List.of("http://one.test/debian"), List.of("bookworm"), List.of("main", "contrib"),
                        Optional.empty(), false, false),
                new AptEntry(List.of("http://two.test/"), List.of("bookworm-security"), List.of("main"),
                        Optional.of("/k.gpg"), false, true),
                new AptEntry(List.of("http://flat.test"), List.of("./"), List.of(), Optional.empty(), false, false));
        assertThat(entries.get(1).toLines())
                .containsExactly("deb [signed-by=/k.gpg trusted=yes] http://two.test/ bookworm-security main");
    }

    @Test void readsOnlyFilesThatAptReads() throws Exception {
        var apt = Files.createDirectories(root.resolve("etc/apt/sources.list.d")).getParent();
        Files.writeString(apt.resolve("sources.list"), "deb http://one.test a main\n");
        Files.writeString(apt.resolve("sources.list.d/b.list"), "deb http://two.test a main\n");
        Files.writeString(apt.resolve("sources.list.d/a.sources"), "Types: deb\nURIs: http://three.test\nSuites: a\n");
        Files.writeString(apt.resolve("sources.list.d/c.list.disabled"), "deb http://four.test a main\n");

        assertThat(AptSources.read(root)).flatExtracting(AptEntry::uris)
                .containsExactly("http://one.test", "http://three.test", "http://two.test");
        assertThat(AptSources.read(root.resolve("none"))).isEmpty();
    }
}
