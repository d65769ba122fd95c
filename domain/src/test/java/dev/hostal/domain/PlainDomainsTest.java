package dev.hostal.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PlainDomainsTest {
    @TempDir Path home;
    private ProcessTable table;
    private DomainPlaces places;
    private PlainDomains domains;

    @BeforeEach void open() throws IOException {
        table = new ProcessTable();
        places = new DomainPlaces(home, home.resolve("run"), "boot-1");
        domains = domains(places);
    }

    @AfterEach void close() throws Exception {
        for (var name : domains.names()) {
            domains.ensureAbsent(name);
        }
        assertThat(domains.names()).isEmpty();
        table.close();
    }

    @Test void startsFindsCountsAndEnds() throws Exception {
        var domain = domains.start(spec("a", "echo $X; sleep 300 & sleep 300"), soon());
        var found = domains(places).find("a").orElseThrow();
        assertThat(found.pid()).isEqualTo(domain.pid());
        assertThat(found.isAlive()).isTrue();
        while (found.stats().processes() < 3) {
            Thread.sleep(5);
        }
        assertThat(found.stats().memory().count()).isPositive();
        assertThat(home.resolve("a.log")).hasContent("y z");
        assertThat(domains.names()).containsExactly("a");
        assertThatThrownBy(() -> domains.start(spec("a", "true"), soon())).hasMessageContaining("runs already");

        domains.ensureAbsent("a");
        domain.waitForEnd();
        assertThat(domains.find("a")).isEmpty();
        assertThat(domains.names()).isEmpty();
        domains.ensureAbsent("a");
    }

    @Test void findsNothingThatRanBeforeTheHostWasBooted() throws Exception {
        domains.start(spec("a", "exec sleep 300"), soon());
        var later = domains(new DomainPlaces(home, home.resolve("run"), "boot-2"));
        assertThat(later.find("a")).isEmpty();
    }

    @Test void twoHomesDoNotSeeEachOther() throws Exception {
        domains.start(spec("a", "exec sleep 300"), soon());
        var other = domains(new DomainPlaces(home.resolve("other"), home.resolve("run2"), "boot-1"));
        assertThat(other.names()).isEmpty();
        other.ensureAbsent("a");
        assertThat(domains.find("a")).isPresent();
    }

    @Test void knowsAndRemovesWhatWasStartedButNeverRecorded() throws Exception {
        domains.start(spec("a", "exec sleep 300"), soon());
        Files.delete(home.resolve("run/d/a/domain.json"));
        Files.delete(home.resolve("run/d/a"));
        assertThat(domains.names()).containsExactly("a");
        assertThat(domains.find("a")).isEmpty();
        domains.ensureAbsent("a");
        assertThat(domains.names()).isEmpty();
    }

    @Test void refusesABindItCannotMake() {
        var spec = new DomainSpec("a", List.of("/bin/true"), List.of(), "/", home.resolve("log"), 0, 0,
                List.of(new Bind(home, "/vm", true)), List.of(), Limits.NONE, true);
        assertThatThrownBy(() -> domains.start(spec, soon()))
                .isInstanceOf(IOException.class).hasMessageContaining("without root");
    }

    @Test void aDamagedRecordIsNamed() throws Exception {
        Files.createDirectories(home.resolve("run/d/a"));
        Files.writeString(home.resolve("run/d/a/domain.json"), "{\"pid\": \"x\"}");
        assertThatThrownBy(() -> domains.find("a")).isInstanceOf(IOException.class)
                .hasMessageContaining("domain.json is damaged");
        domains.ensureAbsent("a");
        assertThat(domains.names()).isEmpty();
    }

    private PlainDomains domains(DomainPlaces where) {
        return new PlainDomains(where, new DetachedProcesses(table, ProgramPath.of(System.getenv())), table);
    }

    private DomainSpec spec(String name, String script) {
        return new DomainSpec(name, List.of("/bin/sh", "-c", script), List.of("PATH=/usr/bin:/bin", "X=y z"), "/",
                home.resolve(name + ".log"), 0, 0, List.of(), List.of(), Limits.NONE, true);
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
