package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What differs from the image's own idea of its program. Empty members mean: as the image says.
///
/// @param entrypoint replaces the image's Entrypoint (and then drops its Cmd); empty optional: the image's
/// @param command replaces the image's Cmd; empty list: the image's
/// @param env added to the image's Env, by name
/// @param user name or number, optionally `:group`
/// @param workdir absolute path
/// @param tty the program gets a terminal
/// @param stdin the program's standard input is kept open and can be attached to
public record ProcessSpec(
        Optional<List<String>> entrypoint,
        List<String> command,
        Map<String, String> env,
        Optional<String> user,
        Optional<String> workdir,
        boolean tty,
        boolean stdin) {
    public static final ProcessSpec OF_IMAGE =
            new ProcessSpec(Optional.empty(), List.of(), Map.of(), Optional.empty(), Optional.empty(), false, false);

    public ProcessSpec {
        entrypoint = entrypoint.map(List::copyOf);
        command = List.copyOf(command);
        env = Map.copyOf(env);
        env.keySet().forEach(name -> require(!name.isEmpty() && name.indexOf('=') < 0 && name.indexOf('\0') < 0,
                "'%s' is not the name of an environment variable", name));
        workdir.ifPresent(path -> require(path.startsWith("/"), "working directory '%s' is not absolute", path));
    }
}
