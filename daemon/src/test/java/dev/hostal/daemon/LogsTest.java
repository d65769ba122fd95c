package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogsTest {
    @TempDir Path folder;

    @AfterEach void end() {
        Logs.end();
    }

    @Test void whatModulesLogIsOneLineEachAndJettyIsQuiet() throws IOException {
        var file = folder.resolve("daemon.log");
        Logs.begin(file, "info", false);
        System.getLogger("dev.hostal.core").log(System.Logger.Level.INFO, "instance.phase instance={0}", "web");
        System.getLogger("dev.hostal.core").log(System.Logger.Level.DEBUG, "not asked for");
        LoggerFactory.getLogger("org.eclipse.jetty.server.Server").info("jetty is here");
        assertThat(Files.readString(file))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  core instance.phase instance=web\n");
    }

    @Test void theFileIsKeptWithinLimits() throws Exception {
        var file = folder.resolve("daemon.log");
        Logs.begin(file, "info", false);
        var log = System.getLogger("dev.hostal.core");
        var line = "x".repeat(1000);
        for (int i = 0; i < 60_000; i++) {
            log.log(System.Logger.Level.INFO, line);
            // Its size is looked at twenty times a second.
            if (i % 1000 == 0) Thread.sleep(60);
        }
        try (var files = Files.list(folder)) {
            assertThat(files.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder("daemon.log", "daemon.log.1", "daemon.log.2", "daemon.log.3");
        }
        assertThat(Files.size(folder.resolve("daemon.log.1"))).isBetween(10L << 20, 12L << 20);
        assertThat(Files.size(file)).isLessThan(12L << 20);
    }
}
