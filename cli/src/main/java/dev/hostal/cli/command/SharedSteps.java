package dev.hostal.cli.command;

import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a build finds steps of other hosts, and leaves its own. Source: docker buildx build, `--cache-from`, `--cache-to`.
///
/// @param from images
/// @param to the image that gets all steps
/// @param inline the built image gets its own
record SharedSteps(List<String> from, Optional<String> to, boolean inline) {
    static SharedSteps of(Arguments arguments) {
        var from = new ArrayList<String>();
        for (var text : arguments.all("cache-from")) {
            var members = members("--cache-from", text);
            if (!members.get("type").equals("registry")) throw unknown("--cache-from", members, "registry");
            from.add(reference("--cache-from", members));
        }
        var to = Optional.<String>empty();
        boolean inline = false;
        for (var text : arguments.all("cache-to")) {
            var members = members("--cache-to", text);
            switch (members.get("type")) {
                case "inline" -> inline = true;
                case "registry" -> {
                    if (to.isPresent()) throw new UsageError("--cache-to: one registry is enough");
                    to = Optional.of(reference("--cache-to", members));
                }
                default -> throw unknown("--cache-to", members, "inline, registry");
            }
        }
        return new SharedSteps(List.copyOf(from), to, inline);
    }

    private static UsageError unknown(String option, Map<String, String> members, String known) {
        return new UsageError("%s: type=%s is not possible, only %s".formatted(option, members.get("type"), known));
    }

    private static String reference(String option, Map<String, String> members) {
        return Optional.ofNullable(members.get("ref")).orElseThrow(() -> new UsageError("%s: ref=IMAGE is missing".formatted(option)));
    }

    /// A name alone is that of an image at a registry.
    private static Map<String, String> members(String option, String text) {
        var members = new LinkedHashMap<String, String>(Map.of("type", "registry"));
        if (!text.contains("=")) {
            members.put("ref", text);
            return members;
        }
        for (var part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals <= 0) throw new UsageError("%s: '%s' is not type=TYPE,ref=IMAGE".formatted(option, text));
            members.put(part.substring(0, equals), part.substring(equals + 1));
        }
        return members;
    }

    /// Sends the image with all steps to its registry; it is of no use here.
    void push(Session session, Hostal hostal) throws IOException, InterruptedException {
        if (to.isEmpty()) return;
        var operations = new Operations(session, hostal);
        operations.follow(Logins.tell(hostal, to.get(), session).push(to.get(), Optional.empty(), Optional.empty(), Optional.empty()));
        hostal.deleteImage(to.get());
    }
}
