package dev.hostal.daemon;

import dev.hostal.daemon.Daemon.Process;
import dev.hostal.daemon.http.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The daemon as a process: everything that belongs to the process is read here and handed down.
public final class Main {
    /// As of a command that could not begin. Source: env(1), exit status 125.
    private static final int NOT_STARTED = 125;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        try {
            var settings = Settings.of(arguments, System.getenv(), isRoot(), userHome());
            return serve(settings);
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("hostal: " + e.getMessage());
            return NOT_STARTED;
        } catch (InterruptedException _) {
            return NOT_STARTED;
        }
    }

    private static int serve(Settings settings) throws IOException, InterruptedException {
        var process = new Process(ProcessHandle.current().pid(), System.getProperty("hostal.build", ""),
                Clock.systemUTC(), new SecureRandom());
        var daemon = new Daemon(settings, process, Api.HEARTBEAT, () -> wire(settings, process));
        // A signal ends the process by running this; everything else ends it through System.exit, which runs it too.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (TrainedClasses.isTraining()) TrainedRequests.play(settings.places().dockerSocket());
            daemon.close();
        }, "ending"));
        daemon.start();
        return daemon.waitForEnd() ? NOT_STARTED : 0;
    }

    private static Wired wire(Settings settings, Process process) throws IOException, InterruptedException {
        TrainedClasses.load();
        if (settings.simulate().isPresent()) {
            return SimulatedHost.wire(settings.simulate().getAsInt(), process.clock().instant(), process.random());
        }
        var env = new HashMap<>(Map.copyOf(System.getenv()));
        env.put(Setting.INSTALL.variable(), settings.install());
        return RealHost.wire(settings.places(), env, userHome(), settings.registry(), settings.ahead(), process.clock(),
                process.random());
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static Path userHome() {
        return Path.of(System.getProperty("user.home"));
    }
}
