package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal completion`. The scripts are short: they ask `hostal complete-words`, which knows the table of commands and
/// the names of what exists.
public final class CompletionCommand implements Command {
    private static final String BASH = """
            # Completion of hostal for bash. Load it with: . <(hostal completion bash)
            _hostal() {
                local IFS=$'\\n' cur=${COMP_WORDS[COMP_CWORD]}
                COMPREPLY=($(hostal complete-words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
                if [ ${#COMPREPLY[@]} -eq 1 ] && [ "${COMPREPLY[0]}" = ":files" ]; then
                    COMPREPLY=($(compgen -f -- "$cur"))
                fi
            }
            complete -o bashdefault -o default -F _hostal hostal
            """;
    private static final String ZSH = """
            #compdef hostal
            # Completion of hostal for zsh. Load it with: . <(hostal completion zsh)
            _hostal() {
                local -a found
                found=(${(f)"$(hostal complete-words -- ${words[2,CURRENT]} 2>/dev/null)"})
                if [[ "$found" == ":files" ]]; then
                    _files
                else
                    compadd -- $found
                fi
            }
            compdef _hostal hostal
            """;
    private static final String FISH = """
            # Completion of hostal for fish. Load it with: hostal completion fish | source
            function __hostal
                set -l words (commandline -opc) (commandline -ct)
                set -l found (hostal complete-words -- $words[2..-1] 2>/dev/null)
                if test "$found" = ":files"
                    __fish_complete_path (commandline -ct)
                else
                    printf '%s\\n' $found
                end
            end
            complete -c hostal -f -a '(__hostal)'
            """;

    @Override public Usage usage() {
        return Usage.of("completion", "print a script that completes command lines in a shell", """
                        Prints a script for bash, zsh or fish. It completes commands, options, their values, and the
                        names of instances and images.""")
                .parameters(Parameter.one("SHELL", Parameter.Names.SHELL))
                .example(". <(hostal completion bash)", "In this shell")
                .example("hostal completion fish > ~/.config/fish/completions/hostal.fish", "For good, in fish");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException {
        session.out().text(switch (arguments.word("SHELL")) {
            case "bash" -> BASH;
            case "zsh" -> ZSH;
            case "fish" -> FISH;
            case String other -> throw new UsageError("'%s' is not one of bash, zsh, fish".formatted(other));
        });
        return 0;
    }
}
