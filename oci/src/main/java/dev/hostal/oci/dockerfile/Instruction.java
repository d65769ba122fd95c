package dev.hostal.oci.dockerfile;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An instruction of a Dockerfile. Variables are not filled in yet: that depends on what stands before.
public sealed interface Instruction {
    /// A program: one text for the shell, or words that are run as they are.
    ///
    /// @param words the program and its arguments; for a shell one word
    record Command(boolean shell, List<String> words) {
        public Command {
            words = List.copyOf(words);
        }
    }

    /// @param platform such as `linux/arm64` or `$BUILDPLATFORM`
    /// @param name of the stage
    record From(Optional<String> platform, String image, Optional<String> name) implements Instruction {}

    /// @param flags by name without dashes; a flag may stand several times
    record Run(Map<String, List<String>> flags, Command command, List<HereDocument> documents) implements Instruction {}

    record Cmd(Command command) implements Instruction {}

    record Entrypoint(Command command) implements Instruction {}

    record Shell(List<String> words) implements Instruction {}

    /// @param sources without the here-documents
    record Copy(Map<String, List<String>> flags, List<String> sources, String target, List<HereDocument> documents)
            implements Instruction {}

    record Add(Map<String, List<String>> flags, List<String> sources, String target, List<HereDocument> documents)
            implements Instruction {}

    /// @param defaults by name; an empty one for an argument without
    record Arg(Map<String, Optional<String>> defaults) implements Instruction {}

    record Env(Map<String, String> variables) implements Instruction {}

    record Label(Map<String, String> labels) implements Instruction {}

    record Expose(List<String> ports) implements Instruction {}

    record Volume(List<String> paths) implements Instruction {}

    record User(String user) implements Instruction {}

    record Workdir(String path) implements Instruction {}

    record StopSignal(String signal) implements Instruction {}

    record Maintainer(String name) implements Instruction {}

    /// @param flags `interval`, `timeout`, `start-period`, `start-interval`, `retries`
    /// @param command empty for `NONE`
    record HealthCheck(Map<String, List<String>> flags, Optional<Command> command) implements Instruction {}

    /// @param text of the instruction that a child image runs
    record OnBuild(String text, Instruction instruction) implements Instruction {}
}
