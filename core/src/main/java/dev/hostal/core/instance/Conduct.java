package dev.hostal.core.instance;

import static dev.hostal.base.Check.check;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Phase;
import java.util.ArrayList;
import java.util.List;

/// What an instance's owner does with each message, and with what an earlier daemon left. For the owner's thread
/// only.
final class Conduct {
    private final Node node;
    private final InstanceState state;
    private final Standing standing;
    private final Requests requests;
    private final Outcomes outcomes;
    private final Attendant attendant;
    private final Wiring wiring;
    /// Asked for while the machine was looked for.
    private final List<Message> postponed = new ArrayList<>();
    /// A change of the disk was left half done, by an earlier daemon, or because its machine had ended in it.
    private boolean mendDue;

    Conduct(Standing standing) {
        this.standing = standing;
        node = standing.node();
        state = standing.state();
        requests = new Requests(standing);
        outcomes = new Outcomes(standing);
        attendant = new Attendant(standing);
        wiring = new Wiring(standing);
    }

    /// Starting is recovering: goes on with whatever an earlier daemon left.
    void recover(boolean known, List<Task> underWay) throws InterruptedException {
        var driving = new ArrayList<Task>();
        for (var task : underWay) {
            task.onCancel(() -> standing.post(new Message.CancelAsked(task)));
            if (state.record().operation().filter(task.id()::equals).isPresent()) {
                driving.add(task);
            } else if (task.request() instanceof Request.Kill kill && !kill.endsMachine()) {
                standing.end(node.operations().fail(task, new Problem(ErrorCode.INTERNAL,
                        "The daemon was restarted; whether signal %s was sent before is not known."
                                .formatted(kill.signal()))));
            } else {
                standing.waiting().add(task);
            }
        }
        var acts = standing.acts();
        switch (state.phase()) {
            case Phase.Starting _ -> standing.start(driving);
            case Phase.Deleting _ -> standing.delete(driving);
            case Phase.Running _, Phase.Paused _, Phase.Stopping _ ->
                    standing.begin(Activity.RECOVER, driving, _ -> acts.recover());
            case Phase.Stopped _, Phase.Failed _, Phase.Suspended _ -> {
                standing.waiting().addAll(driving);
                attendant.found();
                if (known) standing.begin(Activity.RECOVER, List.of(), _ -> acts.ensureStopped());
            }
        }
        mendDue = state.past().turn().isPresent();
        goOn();
    }

    void handle(Message message) throws InterruptedException {
        // Whoever asks cannot know that the daemon is a new one: its answer comes when the machine was found.
        if (isOfNics(message) && standing.isRecovering()) {
            postponed.add(message);
            return;
        }
        switch (message) {
            case Message.Asked(var request, var answer) -> requests.admit(request, answer);
            case Message.RenameAsked(var name, var answer) -> Requests.answer(answer, () -> {
                if (state.phase() instanceof Phase.Deleting) throw standing.refusal("rename", "is being deleted");
                state.rename(state.record().spec().named(name));
                return state.view();
            });
            case Message.ChangeAsked(var change, var answer) -> Requests.answer(answer, () -> attendant.change(change));
            case Message.AttachAsked(var nic, var answer) -> Requests.answer(answer, () -> wiring.attach(nic));
            case Message.DetachAsked(var which, var answer) -> Requests.answer(answer, () -> wiring.detach(which));
            case Message.CancelAsked(var task) -> requests.cancel(task);
            case Message.Worked(var done, var outcome) -> {
                check(standing.work().filter(done::equals).isPresent(), "an outcome belongs to the work under way");
                standing.workEnded();
                if (node.journal().isClosed()) throw new InterruptedException("the daemon ends");
                outcomes.settle(done, outcome);
                if (done.activity() != Activity.TIME && !state.isGone() && state.past().turn().isPresent()) mendDue = true;
                postponed.forEach(standing::post);
                postponed.clear();
            }
            case Message.Freed(var task) -> standing.time().freed(task);
            case Message.Wake _ -> { /* Looked at below. */ }
            case Message.LookAgain _ -> lookAgain();
            case Message.RestartDue(var due) -> attendant.restart(due);
            case Message.Tested test -> attendant.tested(test);
        }
        if (!state.isGone()) goOn();
    }

    private static boolean isOfNics(Message message) {
        return message instanceof Message.AttachAsked || message instanceof Message.DetachAsked;
    }

    private void lookAgain() {
        if (standing.work().isPresent() || standing.machine().isPresent()) return;
        if (!(state.phase() instanceof Phase.Running || state.phase() instanceof Phase.Paused)) return;
        var acts = standing.acts();
        standing.begin(Activity.RECOVER, List.of(), _ -> acts.recover());
    }

    /// After every message: sees to the end of the program, then to those who wait.
    private void goOn() throws InterruptedException {
        standing.doInline();
        var ended = standing.machine().filter(RunningMachine::isMainEnded);
        if (standing.work().isEmpty() && ended.isPresent()) outcomes.mainEnded(ended.get());
        if (mendDue && standing.work().isEmpty() && standing.time().canMend()) {
            mendDue = false;
            standing.time().mend();
        }
        for (var task : List.copyOf(standing.waiting())) {
            requests.reconsider(task);
            standing.doInline();
        }
        attendant.look();
    }

}
