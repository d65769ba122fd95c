package dev.hostal.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// QEMU's description of its own monitor, as `query-qmp-schema` returned it. Source: qapi/introspect.json.
record CapturedSchema(String version, Map<String, JsonObject> entities) {
    static CapturedSchema of(String version, List<JsonObject> schema) {
        var entities = new HashMap<String, JsonObject>();
        schema.forEach(entity -> entities.put(entity.text("name"), entity));
        return new CapturedSchema(version, Map.copyOf(entities));
    }

    /// The captured ones, one file a version.
    static List<CapturedSchema> all() {
        return List.of(read("7.2"));
    }

    private static CapturedSchema read(String version) {
        try (var in = CapturedSchema.class.getResourceAsStream("/qmp/query-qmp-schema-" + version + ".json")) {
            var text = new String(in.readAllBytes(), UTF_8);
            return of(version, new JsonObject().put("all", Json.parse(text)).objects("all"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What QEMU would not accept of this command; empty where nothing.
    List<String> problemsIn(QmpCommand<?> command) {
        var problems = new ArrayList<String>();
        var entity = entities.get(command.execute());
        if (entity == null || !entity.text("meta-type").equals("command")) {
            return List.of(command.execute() + " is no command");
        }
        check(command.execute(), Json.of(command.arguments()), entity.text("arg-type"), problems);
        return problems;
    }

    /// Whether replies to this command have the members, directly or as those of an array's items.
    List<String> missingInReply(QmpCommand<?> command, List<String> members) {
        var type = entities.get(entities.get(command.execute()).text("ret-type"));
        if (type.text("meta-type").equals("array")) type = entities.get(type.text("element-type"));
        var known = type.objects("members").stream().map(member -> member.text("name")).toList();
        return members.stream().filter(member -> !known.contains(member)).toList();
    }

    private void check(String path, Json value, String typeName, List<String> problems) {
        var type = entities.get(typeName);
        switch (type.text("meta-type")) {
            case "object" -> checkObject(path, value, type, problems);
            case "array" -> {
                if (value instanceof Json.Array(var items)) {
                    items.forEach(item -> check(path + "[]", item, type.text("element-type"), problems));
                } else {
                    problems.add(path + " must be an array");
                }
            }
            case "builtin" -> {
                if (!fits(value, type.text("json-type"))) {
                    problems.add(path + " must be of type " + type.text("json-type"));
                }
            }
            case "enum" -> {
                if (!(value instanceof Json.Text(var text)) || !type.texts("values").contains(text)) {
                    problems.add(path + " is none of " + type.texts("values"));
                }
            }
            case "alternate" -> checkAlternate(path, value, type, problems);
            default -> problems.add(path + ": this test knows no " + type.text("meta-type"));
        }
    }

    private void checkObject(String path, Json value, JsonObject type, List<String> problems) {
        if (!(value instanceof Json.Obj(var object))) {
            problems.add(path + " must be an object");
            return;
        }
        var known = new HashMap<String, JsonObject>();
        type.objects("members").forEach(member -> known.put(member.text("name"), member));
        variantOf(object, type).ifPresent(variant ->
                variant.objects("members").forEach(member -> known.put(member.text("name"), member)));
        object.members().forEach((name, member) -> {
            if (known.containsKey(name)) {
                check(path + "." + name, member, known.get(name).text("type"), problems);
            } else {
                problems.add(path + " has no member " + name);
            }
        });
        known.forEach((name, member) -> {
            if (!member.members().containsKey("default") && !object.has(name)) {
                problems.add(path + " needs member " + name);
            }
        });
    }

    /// The type whose members come beside the common ones, where the value of one of these decides.
    private Optional<JsonObject> variantOf(JsonObject object, JsonObject type) {
        var tag = type.findText("tag").filter(object::has);
        if (tag.isEmpty()) return Optional.empty();
        return type.objects("variants").stream()
                .filter(variant -> variant.text("case").equals(object.text(tag.get())))
                .map(variant -> entities.get(variant.text("type"))).findFirst();
    }

    private void checkAlternate(String path, Json value, JsonObject type, List<String> problems) {
        var attempts = new ArrayList<String>();
        for (var member : type.objects("members")) {
            var attempt = new ArrayList<String>();
            check(path, value, member.text("type"), attempt);
            if (attempt.isEmpty()) return;
            attempts.addAll(attempt);
        }
        problems.addAll(attempts);
    }

    private static boolean fits(Json value, String jsonType) {
        return switch (jsonType) {
            case "string" -> value instanceof Json.Text;
            case "boolean" -> value instanceof Json.Bool;
            case "int", "number" -> value instanceof Json.Number;
            case "null" -> value instanceof Json.Null;
            default -> jsonType.equals("value");
        };
    }
}
