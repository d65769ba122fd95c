package dev.hostal.cli.command;

import dev.hostal.api.ConfinementV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.LimitsV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `hostal show`.
public final class ShowCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("show", "show everything about instances", """
                        Prints what is wanted and what is observed of each instance. With --json it is one object for
                        one instance and an array for several.""")
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var found = new ArrayList<InstanceV1>();
        int status = EachInstance.of(arguments.words("INSTANCE"), session, hostal::instance,
                (_, instance) -> found.add(instance));
        if (arguments.json() && arguments.words("INSTANCE").size() == 1) {
            session.print(found.getFirst().toJson());
        } else if (arguments.json()) {
            session.print(found.stream().map(InstanceV1::toJson).toList());
        } else {
            for (int i = 0; i < found.size(); i++) {
                if (i > 0) session.out().line("");
                print(found.get(i), session);
            }
        }
        return status;
    }

    /// What a linked clone cannot do without, as `clone` takes it.
    private static String base(String id, Optional<String> snapshot, Session session)
            throws IOException, InterruptedException {
        var name = session.hostal().instance(id).name();
        if (snapshot.isEmpty()) return name;
        return name + "/" + session.hostal().points().snapshot(id, snapshot.get()).name();
    }

    private static void print(InstanceV1 one, Session session) throws IOException, InterruptedException {
        field(session, "Name", one.name());
        field(session, "Id", one.id());
        field(session, "Kind", one.kind());
        field(session, "Status", ListCommand.status(one, session.clock()));
        if (one.reason().isPresent()) field(session, "Reason", one.reason().get().replace("\n", "\n              "));
        field(session, "Image", one.image());
        field(session, "Digest", one.imageDigest());
        field(session, "Architecture", one.arch());
        if (one.accelerator().isPresent()) field(session, "Accelerator", one.accelerator().get());
        field(session, "CPUs", String.valueOf(one.cpus()));
        field(session, "Memory", isUnlimited(one) ? "no limit" : Human.size(one.memory()));
        field(session, "Disk", Human.size(one.diskSize()));
        if (one.base().isPresent()) field(session, "Lies over", base(one.base().get(), one.baseSnapshot(), session));
        field(session, "Boot", one.boot());
        field(session, "Command", one.command().isEmpty() ? "the image's" : String.join(" ", one.command()));
        field(session, "Host name", one.hostname());
        field(session, "Addresses", one.addresses().isEmpty() ? "-" : String.join(", ", one.addresses()));
        for (var nic : session.hostal().networks().nics(one.id())) {
            field(session, "NIC", Stream.of(nic.findText("network"), nic.findText("mac"), nic.findText("ipv4"),
                    nic.findText("ipv6"))
                    .flatMap(Optional::stream).collect(Collectors.joining(" ")));
        }
        for (var port : session.hostal().networks().ports()) {
            if (port.text("instance").equals(one.id())) field(session, "Port", NetworkOptions.told(port));
        }
        for (var mount : one.mounts()) {
            field(session, "Mount", "%s %s at %s%s".formatted(mount.type(), mount.source(), mount.target(),
                    mount.readOnly() ? ", read-only" : "").replace("  ", " "));
        }
        for (var label : one.labels().entrySet()) {
            field(session, "Label", label.getKey() + "=" + label.getValue());
        }
        if (one.care().restart().isPresent()) field(session, "Restart", one.care().restart().get());
        if (one.course().restarts() > 0) field(session, "Restarts", String.valueOf(one.course().restarts()));
        if (one.course().restartAt().isPresent()) field(session, "Next start", one.course().restartAt().get());
        if (one.course().health().isPresent()) field(session, "Health", one.course().health().get());
        if (one.course().outOfMemory()) field(session, "Out of memory", "yes, something in it was killed");
        wishes(session, "Limits", LimitsV1.toJson(one.limits()));
        wishes(session, "Confinement", ConfinementV1.toJson(one.confinement()));
        field(session, "Created", one.createdAt());
        if (one.startedAt().isPresent()) field(session, "Started", one.startedAt().get());
        if (one.finishedAt().isPresent()) field(session, "Finished", one.finishedAt().get());
        if (one.autoRemove()) field(session, "When it ends", "it is deleted");
    }

    /// A container that may use all of the host's memory has the greatest limit that there is.
    private static boolean isUnlimited(InstanceV1 one) {
        return one.kind().equals("container") && one.memory() >= InstanceSpec.MEMORY_MAX.count();
    }

    private static void wishes(Session session, String name, JsonObject wishes) throws IOException {
        if (!wishes.members().isEmpty()) field(session, name, wishes.toText());
    }

    private static void field(Session session, String name, String value) throws IOException {
        session.out().line((name + " ".repeat(Math.max(1, 14 - name.length())) + value).stripTrailing());
    }
}
