package dev.hostal.cli;

import dev.hostal.api.ErrorV1;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Manual;
import dev.hostal.cli.usage.Parser;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.ApiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs one command line: finds the command, reads its words, and says what went wrong.
public final class CommandLine {
    /// Exit status when the reader of the output has gone: 128 and SIGPIPE, as other programs end then.
    private static final int BROKEN_PIPE = 141;

    private final Session session;

    public CommandLine(Session session) {
        this.session = session;
    }

    /// @return the exit status
    public int run(List<String> words) throws InterruptedException {
        try {
            int status = dispatch(words);
            session.out().flush();
            session.err().flush();
            return status;
        } catch (Output.Closed gone) {
            return BROKEN_PIPE;
        } catch (IOException e) {
            throw new AssertionError("failures are said where the command is known", e);
        }
    }

    private int dispatch(List<String> words) throws IOException, InterruptedException {
        int first = 0;
        while (first < words.size() && words.get(first).startsWith("-")) {
            first++;
        }
        // Options of every command may also stand before the command.
        var before = words.subList(0, first);
        var rest = words.subList(first, words.size());
        if (rest.isEmpty()) return withoutCommand(before);
        var found = Commands.find(rest);
        if (found.isEmpty()) {
            if (Commands.isGroup(rest.getFirst()) && (rest.size() == 1 || rest.get(1).startsWith("-"))) {
                session.out().text(Commands.overview(rest.getFirst() + " "));
                return rest.size() == 1 && !before.contains("--help") ? Command.MISUSED : 0;
            }
            session.say(Commands.unknown(rest));
            return Command.MISUSED;
        }
        var command = Commands.make(found.get().name());
        var arguments = new ArrayList<>(before);
        arguments.addAll(rest.subList(found.get().length(), rest.size()));
        return run(command, arguments);
    }

    private int withoutCommand(List<String> options) throws IOException, InterruptedException {
        if (options.contains("--version")) {
            return run(Commands.make("version"), options.stream().filter(text -> !text.equals("--version")).toList());
        }
        for (var option : options) {
            if (!List.of("--help", "-h", "--json", "--debug").contains(option)) {
                session.say("'%s' is not an option that can stand before a command.\nMaybe see 'hostal help'."
                        .formatted(option));
                return Command.MISUSED;
            }
        }
        session.out().text(Commands.overview(""));
        return options.isEmpty() ? Command.MISUSED : 0;
    }

    private int run(Command command, List<String> words) throws IOException, InterruptedException {
        var usage = command.usage();
        var arguments = new Arguments(Map.of(), Map.of());
        try {
            arguments = Parser.parse(usage, words);
            if (arguments.has("help")) {
                session.out().text(Manual.of(usage, Commands.aliases(usage.name())));
                return 0;
            }
            return command.run(arguments, session);
        } catch (Output.Closed gone) {
            throw gone;
        } catch (UsageError wrong) {
            return misused(command, usage, words, wrong);
        } catch (ApiException refused) {
            return failed(command, arguments, refused.error(), refused);
        } catch (IOException failed) {
            var message = failed.getMessage() == null ? failed.toString() : failed.getMessage();
            return failed(command, arguments, new ErrorV1("FAILED", message, Optional.empty()), failed);
        }
    }

    private int misused(Command command, Usage usage, List<String> words, UsageError wrong) throws IOException {
        if (words.contains("--json")) {
            session.out().flush();
            session.err().line(new ErrorV1("BAD_REQUEST", wrong.getMessage(), Optional.empty()).toJson().toText());
        } else {
            session.say(wrong.getMessage().contains("\nMaybe") ? wrong.getMessage()
                    : wrong.getMessage() + "\nMaybe see 'hostal %s --help'.".formatted(usage.name()));
        }
        return command.passesStatusOn() ? Command.FAILED_ITSELF : Command.MISUSED;
    }

    private int failed(Command command, Arguments arguments, ErrorV1 error, Exception cause) throws IOException {
        if (arguments.json()) {
            session.out().flush();
            session.err().line(error.toJson().toText());
        } else {
            session.say(error.message());
        }
        if (arguments.debug()) {
            var trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace, true));
            session.err().text(trace.toString());
        }
        if (error.code().equals("CANCELLED")) return Command.CANCELLED;
        if (!command.passesStatusOn()) return Command.FAILED;
        return error.code().equals("PROGRAM_NOT_RUNNABLE") ? ProgramStatus.of(error) : Command.FAILED_ITSELF;
    }
}
