package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;

/// What runs in an instance, as `GET /v1/instances/{ref}/processes` shows it.
public record ProcessesV1(List<ProcessV1> processes) {
    /// One process.
    ///
    /// @param state a letter, as of ps(1)
    /// @param time of CPUs, such as `0:00:07`
    public record ProcessV1(long pid, long parent, String state, String time, String command) {
        public JsonObject toJson() {
            return new JsonObject().put("pid", pid).put("parent", parent).put("state", state).put("time", time)
                    .put("command", command);
        }

        public static ProcessV1 from(JsonObject json) {
            return new ProcessV1(json.integer("pid"), json.integer("parent"), json.text("state"), json.text("time"),
                    json.text("command"));
        }
    }

    public ProcessesV1 {
        processes = List.copyOf(processes);
    }

    public JsonObject toJson() {
        return new JsonObject().putObjects("processes", processes.stream().map(ProcessV1::toJson).toList());
    }

    public static ProcessesV1 from(JsonObject json) {
        return new ProcessesV1(json.objects("processes").stream().map(ProcessV1::from).toList());
    }
}
