package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.terminal.DetachKeys;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;

/// The option that says which keys let go of a program with a terminal.
final class LetGo {
    private static final String NAME = "detach-keys";
    static final Option OPTION = Option.value(NAME, "KEYS",
            "Keys that let go of a terminal; ctrl-p,ctrl-q where none are given.");

    private LetGo() {}

    static Attachment.Wanted by(Arguments arguments, Attachment.Wanted wanted) {
        var text = arguments.find(NAME);
        if (text.isEmpty()) return wanted;
        try {
            return wanted.letGoBy(DetachKeys.parse(text.get()));
        } catch (IllegalArgumentException wrong) {
            throw new UsageError("--%s: %s".formatted(NAME, wrong.getMessage()));
        }
    }
}
