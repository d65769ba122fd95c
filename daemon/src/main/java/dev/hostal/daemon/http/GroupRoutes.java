package dev.hostal.daemon.http;

import dev.hostal.api.GroupV1;
import dev.hostal.base.Problem;
import dev.hostal.core.SecurityGroups;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/// `/v1/security-groups`, the groups of NICs, and `/v1/reach`.
final class GroupRoutes {
    private final EngineSource engines;

    GroupRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.ofEntries(
                Map.entry("groups", call -> call.json(new JsonObject().putObjects("groups",
                        groups().list().stream().map(GroupV1::toJson).toList()))),
                Map.entry("group", call -> call.json(GroupV1.toJson(groups().get(call.value("group"))))),
                Map.entry("groupCreate", this::create),
                Map.entry("groupDelete", this::delete),
                Map.entry("groupRuleAdd", this::add),
                Map.entry("groupRuleDelete", this::remove),
                Map.entry("nicGroups", this::put),
                Map.entry("reach", this::reach));
    }

    private void create(Call call) throws IOException, InterruptedException {
        var body = call.body();
        call.json(GroupV1.toJson(groups().create(sensible(() -> GroupV1.from(body)))));
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        groups().delete(call.value("group"));
        call.nothing();
    }

    private void add(Call call) throws IOException, InterruptedException {
        var body = call.body();
        call.json(GroupV1.toJson(groups().add(call.value("group"), sensible(() -> GroupV1.rule(body)))));
    }

    private void remove(Call call) throws IOException, InterruptedException {
        call.noBody();
        groups().remove(call.value("group"), number(call.value("rule")));
        call.nothing();
    }

    private void put(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("groups");
        var instance = engines.get().get(call.value("ref"));
        groups().put(instance.id(), call.value("nic"), body.texts("groups"));
        call.nothing();
    }

    private void reach(Call call) throws IOException, InterruptedException {
        var query = call.query();
        int port = (int) query.number("port", 0, 65_535).orElse(0);
        var reached = engines.get().networks().reach(query.need("from"), query.need("to"),
                query.text("protocol").orElse("tcp"), port, query.flag("probe"));
        var json = new JsonObject().put("allowed", reached.allowed()).put("because", reached.because())
                .putIfPresent("address", reached.address());
        reached.probe().ifPresent(probe -> json.put("probed", probe.words()).put("arrived", probe.arrived()));
        call.json(json);
    }

    private static int number(String text) {
        if (!text.matches("\\d{1,9}")) throw Problem.badMember("number", "'%s' is not a number.".formatted(text));
        return Integer.parseInt(text);
    }

    private SecurityGroups groups() throws IOException, InterruptedException {
        return engines.get().networks().groups();
    }

    private static <T> T sensible(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("group", "%s.".formatted(e.getMessage()));
        }
    }
}
