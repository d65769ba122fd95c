package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Optional;

/// Body of every reply with a status of 400 and above.
///
/// @param code stable, from the catalogue of error codes, such as `INSTANCE_NOT_FOUND`
/// @param message sentences for a person; advice on a line that starts with "Maybe"
/// @param member path of the member of the request that is wrong
public record ErrorV1(String code, String message, Optional<String> member) {
    public JsonObject toJson() {
        return new JsonObject().put("code", code).put("message", message).putIfPresent("member", member);
    }

    public static ErrorV1 from(JsonObject json) {
        return new ErrorV1(json.text("code"), json.text("message"), json.findText("member"));
    }
}
