package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.TerminalSize;
import java.util.List;
import java.util.Optional;

/// A program to run in a guest, complete: nothing is left to the image.
///
/// @param argv at least the program; without a slash it is looked up in the `PATH` of `env`
/// @param env `NAME=value` each
/// @param user name or number, optionally `:group`; empty for root
/// @param workdir absolute
public record ProgramSpec(
        List<String> argv,
        List<String> env,
        String user,
        String workdir,
        boolean tty,
        boolean stdin,
        Optional<TerminalSize> size) {
    public ProgramSpec {
        require(!argv.isEmpty(), "a program has a name");
        argv = List.copyOf(argv);
        env = List.copyOf(env);
    }
}
