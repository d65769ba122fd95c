package dev.hostal.core.instance;

import dev.hostal.core.instance.LifeEvent.Delete;
import dev.hostal.core.instance.LifeEvent.DeleteFailed;
import dev.hostal.core.instance.LifeEvent.Ended;
import dev.hostal.core.instance.LifeEvent.Pause;
import dev.hostal.core.instance.LifeEvent.Resume;
import dev.hostal.core.instance.LifeEvent.Start;
import dev.hostal.core.instance.LifeEvent.StartFailed;
import dev.hostal.core.instance.LifeEvent.StartGivenUp;
import dev.hostal.core.instance.LifeEvent.Stop;
import dev.hostal.core.instance.LifeEvent.StopFailed;
import dev.hostal.core.instance.LifeEvent.Suspend;
import dev.hostal.core.instance.LifeEvent.Up;
import dev.hostal.core.instance.LifeEvent.Vanished;
import dev.hostal.model.Phase;
import dev.hostal.model.Phase.Deleting;
import dev.hostal.model.Phase.Failed;
import dev.hostal.model.Phase.Paused;
import dev.hostal.model.Phase.Running;
import dev.hostal.model.Phase.Starting;
import dev.hostal.model.Phase.Stopped;
import dev.hostal.model.Phase.Stopping;
import dev.hostal.model.Phase.Suspended;
import java.util.Optional;

/// The life cycle: from a phase and an event to the next phase. The whole table is in a golden file.
final class Transitions {
    private record At(Phase phase, LifeEvent event) {}

    private Transitions() {}

    /// @throws IllegalStateException the table has no such row: a bug of ours
    static Phase next(Phase phase, LifeEvent event) {
        return switch (new At(phase, event)) {
            case At(Stopped _, Start _) -> new Starting();
            case At(Failed _, Start _) -> new Starting();
            case At(Suspended _, Start _) -> new Starting();
            case At(Starting _, Up _) -> new Running();
            case At(Starting _, StartFailed(var reason)) -> new Failed(reason);
            case At(Starting _, StartGivenUp _) -> new Stopped(Optional.empty());

            case At(Running _, Pause _) -> new Paused();
            case At(Paused _, Resume _) -> new Running();
            case At(Running _, Suspend _) -> new Suspended();
            case At(Paused _, Suspend _) -> new Suspended();
            case At(Starting _, Suspend _) -> new Suspended();
            // Its memory is dropped.
            case At(Suspended _, Ended(var exit)) -> new Stopped(Optional.of(exit));

            case At(Running _, Stop _) -> new Stopping();
            case At(Paused _, Stop _) -> new Stopping();
            case At(Stopping _, StopFailed _) -> new Running();
            case At(Stopping _, Ended(var exit)) -> new Stopped(Optional.of(exit));
            case At(Running _, Ended(var exit)) -> new Stopped(Optional.of(exit));
            case At(Paused _, Ended(var exit)) -> new Stopped(Optional.of(exit));
            case At(Stopping _, Vanished(var reason)) -> new Failed(reason);
            case At(Running _, Vanished(var reason)) -> new Failed(reason);
            case At(Paused _, Vanished(var reason)) -> new Failed(reason);

            // Running and the like: deleted by force, or because it was to be removed at its end.
            case At(Stopped _, Delete _) -> new Deleting();
            case At(Failed _, Delete _) -> new Deleting();
            case At(Suspended _, Delete _) -> new Deleting();
            case At(Running _, Delete _) -> new Deleting();
            case At(Paused _, Delete _) -> new Deleting();
            case At(Deleting _, DeleteFailed(var reason)) -> new Failed(reason);

            case At(var at, var unexpected) -> throw new IllegalStateException(
                    "an instance that is %s does not meet '%s'".formatted(at.word(), unexpected.word()));
        };
    }
}
