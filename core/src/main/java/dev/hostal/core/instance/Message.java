package dev.hostal.core.instance;

import dev.hostal.core.Operation;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.Task;
import dev.hostal.model.Change;
import dev.hostal.model.HealthCheck;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What arrives in the inbox of an instance's owner.
sealed interface Message {
    record Asked(Request.OfInstance request, CompletableFuture<Operation> answer) implements Message {}

    record RenameAsked(InstanceName name, CompletableFuture<Instance> answer) implements Message {}

    record ChangeAsked(Change change, CompletableFuture<Instance> answer) implements Message {}

    /// @param which network or MAC address of the NIC
    record DetachAsked(String which, CompletableFuture<PluggedNic> answer) implements Message {}

    record AttachAsked(Nic nic, CompletableFuture<PluggedNic> answer) implements Message {}

    record CancelAsked(Task task) implements Message {}

    record Worked(Work work, Outcome outcome) implements Message {}

    /// Its policy starts it again, if that is still wanted.
    record RestartDue(Instant due) implements Message {}

    /// A health test of its program was begun with, or has a result.
    record Tested(RunningMachine machine, HealthCheck check, Optional<Boolean> passed) implements Message {}

    /// Its disks were freed from all others, for that operation.
    record Freed(Task task) implements Message {}

    /// Its machine has something to tell: look at it.
    record Wake() implements Message {}

    /// A machine that could not be reached may be looked for again.
    record LookAgain() implements Message {}
}
