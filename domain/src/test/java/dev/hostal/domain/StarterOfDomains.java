package dev.hostal.domain;

import dev.hostal.base.Deadline;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A daemon that starts one domain, to be killed while it does so.
final class StarterOfDomains {
    private StarterOfDomains() {}

    public static void main(String[] args) throws Exception {
        var home = Path.of(args[0]);
        var table = new ProcessTable();
        var processes = new HostProcesses(table, System.getenv(), home.toString());
        var domains = HostDomains.of(home, Path.of(args[1]), processes, table, ProgramPath.of(System.getenv())).domains();
        var spec = new DomainSpec("victim", List.of("/usr/bin/sleep", "300"), List.of(), "/",
                home.resolve("victim.log"), 200_001, 200_001, List.of(), List.of(), Limits.NONE, false);
        System.out.println("ready");
        domains.start(spec, Deadline.in(Duration.ofSeconds(30)));
        Thread.sleep(Duration.ofMinutes(1));
    }
}
