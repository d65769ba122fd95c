package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// An operation as `GET /v1/operations/{id}` shows it, and as its event stream repeats it.
///
/// @param target id of the instance, or the image's reference
/// @param status `running`, `succeeded`, `failed` or `cancelled`
/// @param total 0 where unknown
/// @param results ids of what it makes
/// @param parts of it that go on side by side, such as the layers of an image
public record OperationV1(
        String id,
        String verb,
        String target,
        String status,
        String stage,
        long done,
        long total,
        Optional<ErrorV1> error,
        String createdAt,
        Optional<String> endedAt,
        List<String> results,
        List<PartV1> parts) {
    public OperationV1 {
        results = List.copyOf(results);
        parts = List.copyOf(parts);
    }

    /// One of several things under way.
    ///
    /// @param total 0 where unknown
    public record PartV1(String name, String stage, long done, long total) {
        public JsonObject toJson() {
            return new JsonObject().put("name", name).put("stage", stage).put("done", done).put("total", total);
        }

        static PartV1 from(JsonObject json) {
            return new PartV1(json.text("name"), json.text("stage"), json.integer("done"), json.integer("total"));
        }
    }

    /// Without parts.
    public OperationV1(String id, String verb, String target, String status, String stage, long done, long total,
            Optional<ErrorV1> error, String createdAt, Optional<String> endedAt, List<String> results) {
        this(id, verb, target, status, stage, done, total, error, createdAt, endedAt, results, List.of());
    }

    /// One that makes nothing that has an id.
    public OperationV1(String id, String verb, String target, String status, String stage, long done, long total,
            Optional<ErrorV1> error, String createdAt, Optional<String> endedAt) {
        this(id, verb, target, status, stage, done, total, error, createdAt, endedAt, List.of());
    }

    public boolean isRunning() {
        return status.equals("running");
    }

    public JsonObject toJson() {
        var json = new JsonObject().put("id", id).put("verb", verb).put("target", target).put("status", status)
                .put("stage", stage).put("done", done).put("total", total);
        error.ifPresent(body -> json.put("error", body.toJson()));
        json.put("createdAt", createdAt).putIfPresent("endedAt", endedAt).putTexts("results", results);
        return parts.isEmpty() ? json : json.putObjects("parts", parts.stream().map(PartV1::toJson).toList());
    }

    public static OperationV1 from(JsonObject json) {
        return new OperationV1(json.text("id"), json.text("verb"), json.text("target"), json.text("status"),
                json.text("stage"), json.integer("done"), json.integer("total"),
                json.findObject("error").map(ErrorV1::from), json.text("createdAt"), json.findText("endedAt"),
                json.texts("results"),
                json.objects("parts").stream().map(PartV1::from).toList());
    }
}
