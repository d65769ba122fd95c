package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The table of routes as an OpenAPI 3.1 document. Source: OpenAPI Specification 3.1.1.
public final class OpenApi {
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z]+)(?:\\.\\.\\.)?\\}");
    private static final String SCHEMAS = "#/components/schemas/";

    private OpenApi() {}

    public static JsonObject document() {
        var paths = new JsonObject();
        for (var route : Routes.ROUTES) {
            var path = VARIABLE.matcher(route.path()).replaceAll("{$1}");
            if (!paths.has(path)) paths.put(path, new JsonObject());
            paths.object(path).put(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        var schemas = new JsonObject();
        Schemas.ALL.forEach(schema -> schemas.put(schema.name(), schema(schema)));
        return new JsonObject()
                .put("openapi", "3.1.1")
                .put("info", new JsonObject().put("title", "Hostal").put("version", Version.TEXT)
                        .put("description", "Virtual machines and containers of one host. Served on a Unix socket; who may "
                                + "open it may use it.")
                        .put("license", new JsonObject().put("name", "Apache-2.0").put("identifier", "Apache-2.0")))
                .put("paths", paths)
                .put("components", new JsonObject().put("schemas", schemas));
    }

    /// Names of the variables in a route's path.
    static List<String> variables(Route route) {
        return VARIABLE.matcher(route.path()).results().map(result -> result.group(1)).toList();
    }

    private static JsonObject operation(Route route) {
        var operation = new JsonObject().put("operationId", route.name()).put("summary", route.summary());
        var parameters = new ArrayList<JsonObject>();
        variables(route).forEach(name -> parameters.add(parameter(name, "path")));
        route.query().forEach(name -> parameters.add(parameter(name, "query")));
        if (!parameters.isEmpty()) operation.putObjects("parameters", parameters);
        if (Bodies.takesTar(route)) {
            operation.put("requestBody", content(Bodies.TAR, binary()).put("required", true));
        } else if (route.form() != Route.Form.CHANNELS) {
            Bodies.request(route).ifPresent(schema ->
                    operation.put("requestBody", content(Bodies.type(route), ref(schema)).put("required", true)));
        }
        return operation.put("responses", responses(route));
    }

    private static JsonObject parameter(String name, String in) {
        var parameter = Parameters.named(name);
        return new JsonObject().put("name", name).put("in", in).put("required", parameter.required())
                .put("description", parameter.text()).put("schema", new JsonObject().put("type", parameter.type()));
    }

    private static JsonObject responses(Route route) {
        var responses = new JsonObject();
        switch (route.form()) {
            case JSON, EVENTS, STREAM -> responses.put("200", reply(route));
            case OPERATION -> responses.put("202", content("application/json", ref(Schemas.OPERATION))
                    .put("description", "The operation that was begun."));
            case CHANNELS -> responses.put("101", new JsonObject().put("description", "A WebSocket of the sub-protocol "
                    + Channels.PROTOCOL + "." + Bodies.request(route).map(schema -> " The first message is on the control "
                            + "channel: {\"exec\": " + schema.name() + "}.").orElse("")));
            case NOTHING -> responses.put("204", new JsonObject().put("description", "Done."));
        }
        return responses.put("default", content("application/json", ref(Schemas.ERROR))
                .put("description", "It was refused, or failed."));
    }

    private static JsonObject reply(Route route) {
        var reply = Bodies.reply(route);
        var schema = reply.schema().map(OpenApi::ref).orElseGet(() -> switch (reply.type()) {
            case "application/json" -> new JsonObject().put("type", "object");
            case "text/plain" -> new JsonObject().put("type", "string");
            default -> binary();
        });
        var text = switch (route.form()) {
            case EVENTS -> "Server-sent events; the data of each is one such object.";
            case STREAM -> "As it comes.";
            default -> "Done.";
        };
        return content(reply.type(), schema).put("description", text);
    }

    private static JsonObject content(String type, JsonObject schema) {
        return new JsonObject().put("content", new JsonObject().put(type, new JsonObject().put("schema", schema)));
    }

    private static JsonObject binary() {
        return new JsonObject().put("type", "string").put("contentEncoding", "binary");
    }

    private static JsonObject ref(Schema schema) {
        return new JsonObject().put("$ref", SCHEMAS + schema.name());
    }

    private static JsonObject schema(Schema schema) {
        var members = new JsonObject();
        for (var member : schema.members()) {
            var type = type(member.type());
            if (!member.text().isEmpty()) type.put("description", member.text());
            members.put(member.name(), type);
        }
        var json = new JsonObject().put("type", "object");
        if (!schema.text().isEmpty()) json.put("description", schema.text());
        json.put("properties", members);
        var required = schema.members().stream().filter(Schema.Member::required).map(Schema.Member::name).toList();
        return required.isEmpty() ? json : json.putTexts("required", required);
    }

    private static JsonObject type(String type) {
        if (type.endsWith("[]")) {
            return new JsonObject().put("type", "array").put("items", type(type.substring(0, type.length() - 2)));
        }
        if (type.endsWith("{}")) {
            return new JsonObject().put("type", "object")
                    .put("additionalProperties", type(type.substring(0, type.length() - 2)));
        }
        return Character.isUpperCase(type.charAt(0))
                ? new JsonObject().put("$ref", SCHEMAS + type) : new JsonObject().put("type", type);
    }
}
