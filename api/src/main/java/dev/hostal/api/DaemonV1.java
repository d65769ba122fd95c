package dev.hostal.api;

import dev.hostal.json.JsonObject;

/// The daemon itself, as `GET /v1/daemon` shows it.
///
/// @param build identifies the sources that it was built from; a client of another build restarts it
public record DaemonV1(String version, String build, long pid, String home, String socket, String startedAt,
        String driver) {
    public JsonObject toJson() {
        return new JsonObject().put("version", version).put("build", build).put("pid", pid).put("home", home)
                .put("socket", socket).put("startedAt", startedAt).put("driver", driver);
    }

    public static DaemonV1 from(JsonObject json) {
        return new DaemonV1(json.text("version"), json.text("build"), json.integer("pid"), json.text("home"),
                json.text("socket"), json.text("startedAt"), json.text("driver"));
    }
}
