package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What to run, as the first control message of the WebSocket `/v1/instances/{ref}/exec`.
///
/// @param columns and `rows`: 0 where unknown
public record ExecV1(
        List<String> command,
        Map<String, String> env,
        Optional<String> user,
        Optional<String> workdir,
        boolean tty,
        boolean stdin,
        int columns,
        int rows) {
    public JsonObject toJson() {
        return new JsonObject().putTexts("command", command).putTexts("env", env).putIfPresent("user", user)
                .putIfPresent("workdir", workdir).put("tty", tty).put("stdin", stdin)
                .put("columns", columns).put("rows", rows);
    }

    public static ExecV1 from(JsonObject json) {
        json.onlyMembers("command", "env", "user", "workdir", "tty", "stdin", "columns", "rows");
        return new ExecV1(json.texts("command"), json.textMap("env"), json.findText("user"),
                json.findText("workdir"), json.bool("tty", false), json.bool("stdin", false),
                (int) json.integer("columns", 0, 0xffff, 0), (int) json.integer("rows", 0, 0xffff, 0));
    }
}
