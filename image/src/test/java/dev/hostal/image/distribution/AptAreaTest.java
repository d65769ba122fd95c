package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AptAreaTest {
    private static final List<String> DUMP = """
            APT "";
            APT::Architecture "amd64";
            Acquire "";
            Acquire::http "";
            Acquire::http::Proxy "http://proxy.test:3128";
            Acquire::IndexTargets::deb::Packages::MetaKey "x";
            Acquire::Check-Valid-Until "false";
            Acquire::Languages:: "none";
            DPkg::Post-Invoke:: "run something";
            APT::Update::Post-Invoke-Success:: "run something";
            """.lines().toList();

    @Test void takesOverHowTheHostFetchesAndNothingElse() {
        var settings = AptSettings.parse(DUMP);

        assertThat(settings.lines()).containsExactly("Acquire::http::Proxy \"http://proxy.test:3128\";",
                "Acquire::Check-Valid-Until \"false\";");
        assertThat(settings.values()).containsEntry("Acquire::http::Proxy", "http://proxy.test:3128")
                .containsEntry("Acquire::Check-Valid-Until", "false")
                .hasSize(2);
    }

    @Test void theConfigurationLeadsToNoFolderOfTheHosts() {
        var lines = AptArea.configurationLines(Path.of("/area"), Arch.PPC64LE, AptSettings.parse(DUMP));

        assertThat(lines).contains("APT::Architecture \"ppc64el\";", "Acquire::Check-Valid-Until \"false\";");
        assertThat(lines.stream().filter(line -> line.startsWith("Dir::")).toList())
                .hasSize(11)
                .allMatch(line -> line.contains("\"/area") || line.endsWith("\"\";") || line.endsWith("\"-\";"));
    }

    @Test void readsTheStanzaOfAPackage() {
        var stanza = PackageStanza.parse("""
                Package: linux-image-x
                Version: 6.1.176-1
                Depends: kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120) | linux-initramfs-tool, libc6:any
                Description: a kernel
                 Size: not a field
                Size: 1234

                Package: another
                """);

        assertThat(stanza).contains(new PackageStanza("linux-image-x", "6.1.176-1", new Bytes(1234),
                List.of("kmod", "linux-base", "initramfs-tools", "libc6")));
        assertThat(PackageStanza.parse("Package: x\n")).isEmpty();
        assertThat(PackageStanza.parse("")).isEmpty();
    }
}
