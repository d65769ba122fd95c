package dev.hostal.core.instance;

import static dev.hostal.core.instance.Activity.BRIEF;
import static dev.hostal.core.instance.Activity.DELETE;
import static dev.hostal.core.instance.Activity.NONE;
import static dev.hostal.core.instance.Activity.RECOVER;
import static dev.hostal.core.instance.Activity.START;
import static dev.hostal.core.instance.Activity.STOP;

import dev.hostal.core.journal.Request;
import dev.hostal.core.journal.Request.Delete;
import dev.hostal.core.journal.Request.Kill;
import dev.hostal.core.journal.Request.Pause;
import dev.hostal.core.journal.Request.Restart;
import dev.hostal.core.journal.Request.Resume;
import dev.hostal.core.journal.Request.Start;
import dev.hostal.core.journal.Request.Stop;
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

/// What becomes of a request, from the phase and the work under way alone. The whole table is in a golden file.
sealed interface Admission {
    /// It is what was asked for already.
    record AlreadySo() implements Admission {}

    /// It cannot be asked for now; what is true instead.
    record Refused(String why) implements Admission {}

    /// Work for it begins at once.
    record Begin(Activity activity) implements Admission {}

    /// The work under way is what was asked for, or leads to it: both end together.
    record Join() implements Admission {}

    /// It waits until the work under way has ended.
    record Later() implements Admission {}

    /// It waits, and the work under way is asked to end early: a start is given up, a stop becomes a kill.
    record LaterHastened() implements Admission {}

    private static Refused refused(String why) {
        return new Refused(why);
    }

    static Admission of(Phase phase, Activity activity, Request.OfInstance request) {
        var busy = activity == START || activity == STOP || activity == DELETE
                ? TimeAdmission.whileBusy(activity, request) : Optional.<Admission>empty();
        if (busy.isPresent()) return busy.get();
        return switch (activity) {
            case NONE -> whenIdle(phase, request);
            case RECOVER, BRIEF, TIME -> new Later();
            case START -> whileStarting(request);
            case STOP -> whileStopping(request);
            case DELETE -> whileDeleting(request);
        };
    }

    private static Admission whenIdle(Phase phase, Request.OfInstance request) {
        boolean time = TimeAdmission.isAbout(request);
        return switch (phase) {
            case Suspended _ -> TimeAdmission.whenSuspended(request);
            case Stopped _, Failed _ when time -> TimeAdmission.whenStopped(request);
            case Running _, Paused _ when time -> TimeAdmission.whenAlive(request, phase.word());
            case Stopped _, Failed _ -> whenStopped(request);
            case Running _ -> whenRunning(request);
            case Paused _ -> whenPaused(request);
            case Starting _, Stopping _, Deleting _ ->
                    throw new IllegalStateException("an instance is not %s without work".formatted(phase.word()));
        };
    }

    private static Admission whenStopped(Request.OfInstance request) {
        return switch (request) {
            case Start _, Restart _ -> new Begin(START);
            case Stop _ -> new AlreadySo();
            case Kill kill -> kill.endsMachine() ? new AlreadySo() : refused("is not running");
            case Pause _, Resume _ -> refused("is not running");
            case Delete _ -> new Begin(DELETE);
            default -> throw unexpected(request);
        };
    }

    private static Admission whenRunning(Request.OfInstance request) {
        return switch (request) {
            case Start _, Resume _ -> new AlreadySo();
            case Stop _, Restart _ -> new Begin(STOP);
            case Kill kill -> new Begin(kill.endsMachine() ? STOP : BRIEF);
            case Pause _ -> new Begin(BRIEF);
            case Delete(var force) -> force ? new Begin(DELETE) : refused("is running");
            default -> throw unexpected(request);
        };
    }

    private static Admission whenPaused(Request.OfInstance request) {
        return switch (request) {
            case Start _ -> refused("is paused");
            case Pause _ -> new AlreadySo();
            case Resume _ -> new Begin(BRIEF);
            case Stop _, Restart _ -> new Begin(STOP);
            case Kill kill -> kill.endsMachine() ? new Begin(STOP) : refused("is paused");
            case Delete(var force) -> force ? new Begin(DELETE) : refused("is paused");
            default -> throw unexpected(request);
        };
    }

    private static Admission whileStarting(Request.OfInstance request) {
        return switch (request) {
            case Start _ -> new Join();
            case Restart _ -> new Later();
            case Stop _ -> new LaterHastened();
            case Kill kill -> kill.endsMachine() ? new LaterHastened() : refused("is not running yet");
            case Pause _, Resume _ -> refused("is not running yet");
            case Delete(var force) -> force ? new LaterHastened() : refused("is starting");
            default -> throw unexpected(request);
        };
    }

    private static Admission whileStopping(Request.OfInstance request) {
        return switch (request) {
            case Start _, Restart _ -> new Later();
            case Stop _ -> new Join();
            case Kill kill -> kill.endsMachine() ? new Join() : refused("is stopping");
            case Pause _, Resume _ -> refused("is stopping");
            case Delete(var force) -> force ? new LaterHastened() : new Later();
            default -> throw unexpected(request);
        };
    }

    private static Admission whileDeleting(Request.OfInstance request) {
        return switch (request) {
            case Delete _, Stop _ -> new Join();
            case Kill kill -> kill.endsMachine() ? new Join() : refused("is being deleted");
            case Start _, Restart _, Pause _, Resume _ -> refused("is being deleted");
            default -> throw unexpected(request);
        };
    }

    private static IllegalStateException unexpected(Request.OfInstance request) {
        return new IllegalStateException("'%s' was looked at before".formatted(request.word()));
    }
}
