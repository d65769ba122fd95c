package dev.hostal.api;

import dev.hostal.json.JsonObject;
import java.util.Optional;

/// One line of the reply of `POST /v1/builds`. Frozen: members are added, never renamed or re-meant.
///
/// @param event `begun`, `output`, `done`, `cached`, `failed` of a step; `agent` and `context` where the build asks for an SSH
///     agent or a further context; at last `built` or `refused` of the build
/// @param step number of the step; 0 for the build
/// @param text name of a step that begins, empty for one that is not worth showing; what a program wrote; why a step failed;
///     which agent or context
/// @param talk the WebSocket on which what is asked for is waited for
/// @param image that was built
/// @param error why nothing was built
public record BuildEventV1(String event, int step, String text, Optional<String> talk, Optional<ImageV1> image,
        Optional<ErrorV1> error) {
    public static BuildEventV1 of(String event, int step, String text) {
        return new BuildEventV1(event, step, text, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static BuildEventV1 asking(String event, String name, String talk) {
        return new BuildEventV1(event, 0, name, Optional.of(talk), Optional.empty(), Optional.empty());
    }

    public static BuildEventV1 built(ImageV1 image) {
        return new BuildEventV1("built", 0, "", Optional.empty(), Optional.of(image), Optional.empty());
    }

    public static BuildEventV1 refused(ErrorV1 why) {
        return new BuildEventV1("refused", 0, "", Optional.empty(), Optional.empty(), Optional.of(why));
    }

    public JsonObject toJson() {
        var json = new JsonObject().put("event", event);
        if (step > 0) json.put("step", step);
        if (!text.isEmpty()) json.put("text", text);
        json.putIfPresent("talk", talk);
        image.ifPresent(made -> json.put("image", made.toJson()));
        error.ifPresent(why -> json.put("error", why.toJson()));
        return json;
    }

    public static BuildEventV1 from(JsonObject json) {
        return new BuildEventV1(json.text("event"), (int) json.integer("step", 0, Integer.MAX_VALUE, 0),
                json.findText("text").orElse(""), json.findText("talk"), json.findObject("image").map(ImageV1::from),
                json.findObject("error").map(ErrorV1::from));
    }
}
