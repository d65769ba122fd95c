package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Phase;
import dev.hostal.model.PublishedPort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a program is told of the instances that it is linked with in the usual network: lines of /etc/hosts and
/// variables. In other networks the name server tells, and a link may lead to one that is not there yet.
///
/// Source: docker run, `--link`; the variables are those of "Legacy container links".
///
/// @param hosts lines `NAME:ADDRESS`
/// @param env lines `NAME=VALUE`
record Linking(List<String> hosts, List<String> env) {
    static final Linking NONE = new Linking(List.of(), List.of());
    private static final List<String> NOT_TOLD = List.of("HOME", "PATH");

    /// @throws Problem INSTANCE_NOT_FOUND, WRONG_PHASE: what it is linked with does not run
    static Linking of(InstanceRecord record, Node node) {
        var links = node.networks().nics().of(record.id()).stream().map(PluggedNic::wanted)
                .filter(nic -> nic.network().equals(NetworkSpec.DEFAULT)).flatMap(nic -> Link.of(nic).stream()).toList();
        if (links.isEmpty()) return NONE;
        var hosts = new ArrayList<String>();
        var env = new ArrayList<String>();
        for (var link : links) {
            var other = node.registry().get(link.instance()).view();
            var address = address(other, node);
            if (!(other.phase() instanceof Phase.Running) || address.isEmpty()) throw new Problem(ErrorCode.WRONG_PHASE,
                    "Instance %s is linked with %s, which does not run in the network %s.\nMaybe start that first."
                            .formatted(record.spec().name(), other.name(), NetworkSpec.DEFAULT));
            for (var name : List.of(link.alias(), other.id().brief(), other.name().value())) {
                hosts.add(name + ":" + address.get());
            }
            env.addAll(variables(record.spec(), link, other, address.get()));
        }
        return new Linking(hosts.stream().distinct().toList(), env);
    }

    private static Optional<String> address(Instance other, Node node) {
        return node.networks().nics().of(other.id()).stream().filter(nic -> nic.network().equals(NetworkSpec.DEFAULT))
                .flatMap(nic -> nic.ipv4().stream()).findFirst();
    }

    private static List<String> variables(InstanceSpec spec, Link link, Instance other, String address) {
        var prefix = link.alias().toUpperCase(Locale.ROOT).replace('-', '_');
        var lines = new ArrayList<>(List.of("%s_NAME=/%s/%s".formatted(prefix, spec.name(), link.alias())));
        var ports = other.spec().ports().stream().sorted(Comparator.comparing(PublishedPort::guestPort)).toList();
        for (var port : ports) {
            var protocol = port.protocol();
            var url = "%s://%s:%d".formatted(protocol, address, port.guestPort());
            if (port == ports.getFirst()) lines.add("%s_PORT=%s".formatted(prefix, url));
            var one = "%s_PORT_%d_%s".formatted(prefix, port.guestPort(), protocol.toUpperCase(Locale.ROOT));
            lines.add("%s=%s".formatted(one, url));
            lines.add("%s_ADDR=%s".formatted(one, address));
            lines.add("%s_PORT=%d".formatted(one, port.guestPort()));
            lines.add("%s_PROTO=%s".formatted(one, protocol));
        }
        other.spec().process().env().forEach((name, value) -> {
            if (!NOT_TOLD.contains(name)) lines.add("%s_ENV_%s=%s".formatted(prefix, name, value));
        });
        return lines;
    }
}
