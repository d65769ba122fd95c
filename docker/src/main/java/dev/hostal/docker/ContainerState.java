package dev.hostal.docker;

import dev.hostal.core.Upkeep;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The state of an instance in Docker's words. Source: Docker Engine API, definition ContainerState.
///
/// @param word `created`, `running`, `paused`, `restarting`, `exited` or `removing`
record ContainerState(String word, int exitCode, String error, boolean oomKilled) {
    /// Never. Source: Go's zero time, as dockerd prints it.
    static final String NEVER = "0001-01-01T00:00:00Z";

    static ContainerState of(Instance instance) {
        boolean wasStarted = instance.startedAt().isPresent();
        return switch (instance.phase()) {
            case Phase.Stopped(var exit) -> new ContainerState(word(instance, wasStarted),
                    exit.map(status -> status.code()).orElse(0), "", instance.course().outOfMemory());
            // A start that failed left it as it was made. Source: dockerd, exit code 128.
            case Phase.Failed(var reason) -> new ContainerState(wasStarted ? "exited" : "created",
                    wasStarted ? 137 : 128, reason, false);
            case Phase phase -> new ContainerState(switch (phase.word()) {
                case "starting" -> starting(instance, wasStarted);
                case "paused", "suspended" -> "paused";
                case "deleting" -> "removing";
                default -> "running";
            }, 0, "", false);
        };
    }

    private static String word(Instance instance, boolean wasStarted) {
        if (instance.course().due().isPresent()) return "restarting";
        return wasStarted ? "exited" : "created";
    }

    /// A virtual machine takes seconds to come up again.
    private static String starting(Instance instance, boolean wasStarted) {
        if (!wasStarted) return "created";
        return instance.course().restarts() > 0 && !instance.course().stopped() ? "restarting" : "exited";
    }

    boolean isRunning() {
        return word.equals("running") || word.equals("paused") || word.equals("restarting");
    }

    /// What is found out so far; where nothing is yet, it has begun.
    private Optional<String> health(Instance instance, boolean tested) {
        return instance.course().health().or(() -> tested && isRunning() ? Optional.of("starting") : Optional.empty());
    }

    /// @param running what is known of its machine
    /// @param tested its program is tested now and then
    JsonObject toJson(Instance instance, Upkeep.Running running, boolean tested) {
        var json = new JsonObject().put("Status", word).put("Running", isRunning()).put("Paused", word.equals("paused"))
                .put("Restarting", word.equals("restarting")).put("OOMKilled", oomKilled).put("Dead", false)
                .put("Pid", running.pid().orElse(0L)).put("ExitCode", exitCode).put("Error", error)
                .put("StartedAt", instance.startedAt().map(Instant::toString).orElse(NEVER))
                .put("FinishedAt", instance.finishedAt().map(Instant::toString).orElse(NEVER));
        health(instance, tested).ifPresent(health -> json.put("Health", new JsonObject().put("Status", health)
                .put("FailingStreak", running.failures()).putObjects("Log", running.tests().stream().map(test -> new JsonObject()
                        .put("Start", test.began().toString()).put("End", test.ended().toString())
                        .put("ExitCode", test.exitCode()).put("Output", test.output())).toList())));
        return json;
    }

    /// As `docker ps` shows it: `Up 5 minutes`, `Exited (0) 2 hours ago`.
    String text(Instance instance, Instant now) {
        return switch (word) {
            case "created" -> "Created";
            case "removing" -> "Removal In Progress";
            case "running" -> "Up " + ago(instance.startedAt().orElse(now), now) + instance.course().health()
                    .map(health -> health.equals("starting") ? " (health: starting)" : " (" + health + ")").orElse("");
            case "restarting" -> "Restarting (%d) %s ago".formatted(exitCode, ago(instance.finishedAt().orElse(now), now));
            case "paused" -> "Up " + ago(instance.startedAt().orElse(now), now) + " (Paused)";
            default -> "Exited (%d) %s ago".formatted(exitCode, ago(instance.finishedAt().orElse(now), now));
        };
    }

    /// Source: go-units, HumanDuration, as the docker CLI and dockerd write times.
    private static String ago(Instant then, Instant now) {
        var time = Duration.between(then, now);
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 1) return "Less than a second";
        if (seconds == 1) return "1 second";
        if (seconds < 60) return seconds + " seconds";
        long minutes = time.toMinutes();
        if (minutes == 1) return "About a minute";
        if (minutes < 60) return minutes + " minutes";
        long hours = Math.round(time.toMinutes() / 60.0);
        if (hours == 1) return "About an hour";
        if (hours < 48) return hours + " hours";
        if (hours < 24 * 7 * 2) return hours / 24 + " days";
        if (hours < 24 * 30 * 2) return hours / 24 / 7 + " weeks";
        if (hours < 24 * 365 * 2) return hours / 24 / 30 + " months";
        return hours / 24 / 365 + " years";
    }
}
