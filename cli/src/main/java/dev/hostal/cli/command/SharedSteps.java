package dev.hostal.cli.command;

import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a build finds steps of other hosts, and leaves its own. Source: docker buildx build, `--cache-from`, `--cache-to`.
///
/// @param places where steps are found
/// @param to where all steps go
/// @param inline the built image gets its own
record SharedSteps(List<Place> places, Optional<Place> to, boolean inline) {
    /// What is at no registry. Source: podman, which names images so that it has made itself.
    private static final String HERE = "localhost/hostal-build-cache:";

    /// An image with steps.
    ///
    /// @param image its name at a registry; for a folder, in the store while the build lasts
    /// @param folder an OCI layout with it
    record Place(String image, Optional<Path> folder) {}

    static SharedSteps of(Arguments arguments) {
        var places = new ArrayList<Place>();
        for (var text : arguments.all("cache-from")) {
            places.add(place("--cache-from", members("--cache-from", text), "src", places.size()));
        }
        var to = Optional.<Place>empty();
        boolean inline = false;
        for (var text : arguments.all("cache-to")) {
            var members = members("--cache-to", text);
            if (members.get("type").equals("inline")) {
                inline = true;
                continue;
            }
            if (to.isPresent()) throw new UsageError("--cache-to: one place is enough");
            to = Optional.of(place("--cache-to", members, "dest", -1));
        }
        return new SharedSteps(List.copyOf(places), to, inline);
    }

    private static Place place(String option, Map<String, String> members, String folder, int number) {
        return switch (members.get("type")) {
            case "registry" -> new Place(needed(option, members, "ref", "IMAGE"), Optional.empty());
            case "local" -> new Place(HERE + (number < 0 ? "to" : "from-" + number) + "-" + ProcessHandle.current().pid(),
                    Optional.of(Path.of(needed(option, members, folder, "FOLDER"))));
            default -> throw new UsageError("%s: type=%s is not possible, only %s".formatted(option, members.get("type"),
                    number < 0 ? "inline, registry, local" : "registry, local"));
        };
    }

    private static String needed(String option, Map<String, String> members, String name, String what) {
        return Optional.ofNullable(members.get(name)).filter(value -> !value.isEmpty())
                .orElseThrow(() -> new UsageError("%s: %s=%s is missing".formatted(option, name, what)));
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

    List<String> from() {
        return places.stream().map(Place::image).toList();
    }

    Optional<String> toImage() {
        return to.map(Place::image);
    }

    /// Takes the folders in; one that is not there, or holds something else, is no reason not to build.
    ///
    /// @return those that could be had
    SharedSteps load(Session session, Hostal hostal) throws IOException {
        var loaded = new ArrayList<Place>();
        for (var place : places) {
            if (place.folder().isEmpty() || load(place, session, hostal)) loaded.add(place);
        }
        return new SharedSteps(List.copyOf(loaded), to, inline);
    }

    private static boolean load(Place place, Session session, Hostal hostal) throws IOException {
        var folder = place.folder().orElseThrow();
        if (!new LayoutFolder(folder).isThere()) {
            session.say("The cache in %s is left out: there is no index.json.".formatted(folder));
            return false;
        }
        try (var layout = new LayoutFolder(folder).read()) {
            hostal.loadImages(layout, Optional.of(place.image()));
            return true;
        } catch (ApiException e) {
            session.say("The cache in %s is left out: %s".formatted(folder, e.getMessage()));
            return false;
        }
    }

    /// Sends the image with all steps to its registry, or into its folder; it is of no use here.
    void deliver(Session session, Hostal hostal) throws IOException, InterruptedException {
        if (to.isEmpty()) return;
        var image = to.get().image();
        if (to.get().folder().isPresent()) {
            try (var archive = hostal.saveImages(List.of(image), Map.of("form", "oci"))) {
                new LayoutFolder(to.get().folder().get()).update(archive);
            }
            return;
        }
        new Operations(session, hostal)
                .follow(Logins.tell(hostal, image, session).push(image, Optional.empty(), Optional.empty(),
                        Optional.empty()));
    }

    /// Nothing of it stays in the store.
    void forget(Hostal hostal) throws IOException {
        var names = new ArrayList<String>();
        places.stream().filter(place -> place.folder().isPresent()).map(Place::image).forEach(names::add);
        toImage().ifPresent(names::add);
        for (var name : names) {
            try {
                hostal.deleteImage(name);
            } catch (ApiException _) {
                // The build failed before it was there.
            }
        }
    }
}
