package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.core.journal.Request;
import java.io.IOException;

/// What is over in moments: a pause, its end, a signal.
record BriefAct(Node node, RunningMachine running, Request request) implements Work.Act {
    @Override public Outcome run(Work work) throws IOException, InterruptedException {
        var deadline = Deadline.in(node.limits().briefMax());
        switch (request) {
            case Request.Pause _ -> running.machine().pause(deadline);
            case Request.Resume _ -> {
                running.machine().resume(deadline);
                if (running.addresses().isEmpty()) running.tryToRefreshAddresses(deadline);
            }
            case Request.Kill(var signal) -> running.guest().signalMain(signal, deadline);
            default -> throw new IllegalStateException("%s is not brief".formatted(request.verb()));
        }
        return new Outcome.Done();
    }
}
