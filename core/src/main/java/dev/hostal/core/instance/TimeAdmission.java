package dev.hostal.core.instance;

import dev.hostal.core.instance.Admission.AlreadySo;
import dev.hostal.core.instance.Admission.Begin;
import dev.hostal.core.instance.Admission.Refused;
import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.Request.Clone;
import dev.hostal.core.journal.Request.Delete;
import dev.hostal.core.journal.Request.DeleteSnapshot;
import dev.hostal.core.journal.Request.Flatten;
import dev.hostal.core.journal.Request.Fork;
import dev.hostal.core.journal.Request.Kill;
import dev.hostal.core.journal.Request.MakePool;
import dev.hostal.core.journal.Request.Pause;
import dev.hostal.core.journal.Request.Restart;
import dev.hostal.core.journal.Request.RestoreSnapshot;
import dev.hostal.core.journal.Request.Resume;
import dev.hostal.core.journal.Request.Start;
import dev.hostal.core.journal.Request.Stop;
import dev.hostal.core.journal.Request.Suspend;
import dev.hostal.core.journal.Request.TakeSnapshot;
import java.util.Optional;

/// What becomes of requests about points in time, and of every request about a suspended instance: a part of
/// [Admission]'s table.
final class TimeAdmission {
    private TimeAdmission() {}

    static boolean isAbout(Request.OfInstance request) {
        return switch (request) {
            case Suspend _, TakeSnapshot _, RestoreSnapshot _, DeleteSnapshot _, Clone _, Flatten _, Fork _, MakePool _ -> true;
            case Start _, Stop _, Kill _, Restart _, Pause _, Resume _, Delete _ -> false;
        };
    }

    static Admission whenStopped(Request.OfInstance request) {
        return switch (request) {
            case Suspend _, Fork _, MakePool _ -> new Refused("is not running");
            case TakeSnapshot take when take.memory() -> new Refused("is not running and has no memory to keep");
            default -> new Begin(Activity.TIME);
        };
    }

    /// @param phase in which it is, for the sentence
    static Admission whenAlive(Request.OfInstance request, String phase) {
        return switch (request) {
            // What it goes back with is made before the machine is ended, so that it goes on where that fails.
            case RestoreSnapshot restore -> restore.force() ? new Begin(Activity.TIME) : new Refused("is " + phase);
            default -> new Begin(Activity.TIME);
        };
    }

    static Admission whenSuspended(Request.OfInstance request) {
        return switch (request) {
            case Start _ -> new Begin(Activity.START);
            case Suspend _ -> new AlreadySo();
            case Delete _ -> new Begin(Activity.DELETE);
            case Kill kill -> kill.endsMachine() ? new Begin(Activity.TIME) : new Refused("is suspended");
            case Stop _, Restart _ -> new Refused("is suspended, with its memory on disk: 'start' goes on from it, "
                    + "'kill' drops it");
            case Pause _, Resume _ -> new Refused("is suspended");
            case Fork _, MakePool _ -> new Refused("is suspended");
            case RestoreSnapshot restore -> restore.force() ? new Begin(Activity.TIME)
                    : new Refused("is suspended, with its memory on disk");
            case TakeSnapshot _, DeleteSnapshot _, Clone _, Flatten _ -> new Begin(Activity.TIME);
        };
    }

    /// While the machine starts, stops or is removed.
    static Optional<Admission> whileBusy(Activity activity, Request.OfInstance request) {
        if (!isAbout(request)) return Optional.empty();
        return Optional.of(activity == Activity.DELETE ? new Refused("is being deleted") : new Admission.Later());
    }
}
