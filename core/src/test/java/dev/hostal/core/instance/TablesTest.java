package dev.hostal.core.instance;

import static dev.hostal.core.Golden.golden;

import dev.hostal.core.journal.Request;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Phase;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The two tables that decide everything, as they stand in their golden files.
final class TablesTest {
    private static final List<Phase> PHASES = List.of(new Phase.Stopped(Optional.empty()), new Phase.Starting(),
            new Phase.Running(), new Phase.Paused(), new Phase.Suspended(), new Phase.Stopping(), new Phase.Failed("reason"),
            new Phase.Deleting());
    private static final List<LifeEvent> EVENTS = List.of(new LifeEvent.Start(), new LifeEvent.Up(),
            new LifeEvent.StartFailed("why"), new LifeEvent.StartGivenUp(), new LifeEvent.Pause(),
            new LifeEvent.Resume(), new LifeEvent.Suspend(), new LifeEvent.Stop(), new LifeEvent.StopFailed(),
            new LifeEvent.Ended(new ExitStatus(3)), new LifeEvent.Vanished("why"), new LifeEvent.Delete(),
            new LifeEvent.DeleteFailed("why"));
    private static final SnapshotId SNAPSHOT = new SnapshotId("1".repeat(24));
    private static final InstanceId ID = new InstanceId("2".repeat(64));
    private static final Map<String, Request.OfInstance> OF_TIME = new TreeMap<>(Map.of(
            "suspend", new Request.Suspend(),
            "snapshot", new Request.TakeSnapshot(SNAPSHOT, new SnapshotName("s"), "", false, false, false),
            "snapshot memory", new Request.TakeSnapshot(SNAPSHOT, new SnapshotName("s"), "", true, false, false),
            "restore", new Request.RestoreSnapshot(SNAPSHOT, false, false, Optional.empty()),
            "restore by force", new Request.RestoreSnapshot(SNAPSHOT, true, true, Optional.empty()),
            "delete snapshot", new Request.DeleteSnapshot(SNAPSHOT),
            "clone", new Request.Clone(ID, new InstanceName("c"), Optional.empty(), true, false),
            "flatten", new Request.Flatten(), "fork", new Request.Fork(List.of(ID), List.of(new InstanceName("c")), false)));
    private static final Request.OfInstance POOL = new Request.MakePool(new InstanceName("p"), 3);
    private static final Map<String, Request.OfInstance> REQUESTS = new TreeMap<>(Map.of(
            "start", new Request.Start(), "stop", new Request.Stop(Duration.ofSeconds(10)),
            "kill KILL", new Request.Kill("KILL"), "kill HUP", new Request.Kill("HUP"),
            "restart", new Request.Restart(Duration.ZERO), "pause", new Request.Pause(),
            "resume", new Request.Resume(), "delete", new Request.Delete(false),
            "delete by force", new Request.Delete(true)));

    static {
        REQUESTS.putAll(OF_TIME);
        REQUESTS.put("pool", POOL);
    }

    @Test void everyPhaseMeetsEveryEvent() throws Exception {
        var text = new StringBuilder();
        for (var phase : PHASES) {
            for (var event : EVENTS) {
                text.append("%-9s %-14s ".formatted(phase.word(), event.word())).append(outcome(phase, event)).append('\n');
            }
        }
        golden("transitions.txt", text.toString());
    }

    @Test void everyRequestMeetsEveryMoment() throws Exception {
        var text = new StringBuilder();
        for (var phase : PHASES) {
            for (var activity : Activity.values()) {
                for (var request : REQUESTS.entrySet()) {
                    if (!mayBe(phase, activity)) continue;
                    text.append("%-9s %-8s %-16s %s%n".formatted(phase.word(), activity.name().toLowerCase(),
                            request.getKey(), Admission.of(phase, activity, request.getValue())));
                }
            }
        }
        golden("admissions.txt", text.toString());
    }

    private static String outcome(Phase phase, LifeEvent event) {
        try {
            return Transitions.next(phase, event).toString();
        } catch (IllegalStateException _) {
            return "-";
        }
    }

    /// The half phases have their work; the others have none, or are looked after.
    private static boolean mayBe(Phase phase, Activity activity) {
        return switch (phase) {
            case Phase.Starting _ -> activity == Activity.START;
            case Phase.Stopping _ -> activity == Activity.STOP || activity == Activity.RECOVER;
            case Phase.Deleting _ -> activity == Activity.DELETE;
            case Phase.Stopped _, Phase.Failed _ -> activity == Activity.TIME || activity == Activity.NONE || activity == Activity.RECOVER;
            case Phase.Suspended _ ->
                    activity == Activity.NONE || activity == Activity.RECOVER || activity == Activity.TIME;
            case Phase.Running _, Phase.Paused _ -> activity == Activity.TIME ||
                    activity == Activity.NONE || activity == Activity.RECOVER || activity == Activity.BRIEF;
        };
    }
}
