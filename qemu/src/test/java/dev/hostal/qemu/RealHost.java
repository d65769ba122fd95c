package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.domain.HostDomains;
import dev.hostal.linux.DebianPackages;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostFacts;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// This host, with folders of its own for one test. Closing it removes every machine and file, and looks that none is left.
final class RealHost implements AutoCloseable {
    final Path root;
    final QemuFolders folders;
    final QemuHost host;
    final Processes processes;
    final DebianPackages packages;
    final HostDomains domains;
    private final ProcessTable table;

    RealHost() throws IOException {
        root = Files.createTempDirectory("hostal-qemu");
        folders = QemuFolders.of(root.resolve("home"), root.resolve("run"));
        host = QemuHost.of(HostFacts.read());
        table = new ProcessTable();
        processes = new HostProcesses(table, System.getenv(), root.toString());
        packages = DebianPackages.ofHost(processes, System.getenv());
        Files.createDirectories(root.resolve("run"));
        domains = HostDomains.of(root.resolve("home"), root.resolve("run"), processes, table,
                ProgramPath.of(System.getenv()));
    }

    /// A new daemon's driver.
    QemuMachines driver() {
        return new QemuMachines(folders, host, domains.domains(), processes, packages, Clock.systemUTC(), _ -> {
            throw new IOException("root needs no agent on the host");
        });
    }

    Path qemu(Arch arch) throws IOException, InterruptedException {
        packages.ensurePrograms(List.of(QemuProbes.program(arch)), (_, _, _) -> {},
                Deadline.in(Duration.ofMinutes(5)));
        return packages.findProgram(QemuProbes.program(arch)).orElseThrow();
    }

    @Override public void close() throws IOException {
        try {
            var driver = driver();
            for (var brief : driver.known()) {
                driver.ensureAbsent(brief);
            }
            assertThat(domains.domains().names()).isEmpty();
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            table.close();
        }
        Folders.ensureAbsent(root);
    }
}
