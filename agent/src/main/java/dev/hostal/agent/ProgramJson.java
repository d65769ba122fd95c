package dev.hostal.agent;

import dev.hostal.json.JsonObject;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.ProgramSpec;
import java.util.Optional;

/// A guest's program as the records of machines have it. Frozen: members are added, never re-meant.
public final class ProgramJson {
    private ProgramJson() {}

    public static JsonObject of(ProgramSpec program) {
        var json = new JsonObject().putTexts("argv", program.argv()).putTexts("env", program.env())
                .put("user", program.user()).put("workdir", program.workdir())
                .put("tty", program.tty()).put("stdin", program.stdin());
        program.size().ifPresent(size -> json.put("columns", size.columns()).put("rows", size.rows()));
        return json;
    }

    public static ProgramSpec parse(JsonObject json) {
        Optional<TerminalSize> size = json.has("columns")
                ? Optional.of(new TerminalSize((int) json.integer("columns", 0, 0xffff),
                        (int) json.integer("rows", 0, 0xffff)))
                : Optional.empty();
        return new ProgramSpec(json.texts("argv"), json.texts("env"), json.text("user"), json.text("workdir"),
                json.bool("tty"), json.bool("stdin"), size);
    }
}
