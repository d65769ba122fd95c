package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.BuildV1;
import dev.hostal.api.ImageV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.cli.Command;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.cli.view.BuildView;
import dev.hostal.client.ApiException;
import dev.hostal.model.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// `hostal build`.
public final class BuildCommand implements Command {
    /// Images that a Dockerfile names; one that hides behind a variable is obtained without a login.
    private static final Pattern IMAGES = Pattern.compile("(?im)^\\s*FROM\\s+(?:--\\S+\\s+)*([^\\s$]+)|--from=([^\\s$,]+)");

    /// Chosen: what takes a small server; it takes no more room than its files do.
    private static final Bytes DISK_SIZE = Bytes.gib(4);

    @Override public Usage usage() {
        return Usage.of("build", "build an image of a Dockerfile", """
                        Sends the folder PATH, without what its .dockerignore names, and builds the image that its Dockerfile
                        describes: independent stages at the same time, steps that are known from former builds not at
                        all. With - as PATH standard input is a Dockerfile, or a context as a tar archive; a URL or a git repository
                        (REPOSITORY#REF:FOLDER) is fetched by the daemon. Without -t the image is called build@ and its digest, which is
                        printed. With --vm the image becomes a disk that boots by itself, in any virtual machine: with the image's own
                        kernel and init where it has them, otherwise with the distribution's kernel, running what ENTRYPOINT and CMD say.""")
                .options(value('t', "tag", "IMAGE", "A name of the image.").repeated(),
                        value('f', "file", "FILE", "The Dockerfile; - for standard input; PATH/Dockerfile where none is given."),
                        value("target", "STAGE", "Build up to this stage; the last where none is given."),
                        value("build-arg", "NAME=VALUE", "A value for ARG; without =VALUE that of the environment.").repeated(),
                        value("label", "NAME=VALUE", "A label of the image.").repeated(),
                        value("secret", "id=ID,src=FILE",
                                "What a RUN --mount=type=secret sees; env=NAME instead of src.").repeated(),
                        value("ssh", "default|ID[=SOCKET|KEY]",
                                "What a RUN --mount=type=ssh talks to: an agent, or keys for this build.").repeated(),
                        value("build-context", "NAME=PLACE",
                                "What a name in FROM and --from stands for: a folder, or docker-image://IMAGE.")
                                .repeated(),
                        value("add-host", "NAME:ADDRESS", "A line of /etc/hosts of RUN.").repeated(),
                        value("shm-size", "SIZE", "The size of /dev/shm of RUN."),
                        value("allow", "ENTITLEMENT", "What a RUN may ask for: network.host, security.insecure.").repeated(),
                        value("network", "NETWORK", "The network of RUN: default, none, host, or a name."),
                        value('o', "output", "OUTPUT",
                                "Deliver the result too: a folder for its files, - for them as a tar archive, or "
                                + "type=local|tar|docker|oci|registry|image|qcow2,dest=PLACE.").repeated(),
                        flag("vm", "Make a disk of it that a virtual machine boots from."),
                        value("size", "SIZE", "Of that disk; 4GiB where nothing is said."),
                        value("cache-from", "IMAGE",
                                "An image that may hold steps of former builds; also type=registry,ref=IMAGE, or "
                                + "type=local,src=FOLDER.").repeated(),
                        value("cache-to", "WHERE", "Leave all steps in an image: type=registry,ref=IMAGE; in a folder: type=local,dest=FOLDER; "
                                + "or the image's own in itself: type=inline.").repeated(),
                        flag("push", "The same as --output type=registry."),
                        Platforms.ARCH, value("platform", "OS/ARCH",
                                "The same in docker's words, such as linux/arm64; several with commas: one "
                                + "image for all of them."),
                        flag("no-cache", "Run every step, whatever is known of it."),
                        value("no-cache-filter", "STAGE", "Run every step of these stages; several with commas.").repeated(),
                        flag("pull", "Look for images at their registries also where they are here."),
                        value("iidfile", "FILE", "Write the digest into a file."),
                        value("metadata-file", "FILE", "Write what is known of the result into a file, as JSON."),
                        flag('q', "quiet", "Print the digest only."),
                        value("progress", "FORM", "How the progress is shown.").oneOf(List.of("auto", "plain", "tty")))
                .options(LimitOptions.ofSteps().toArray(Option[]::new))
                .parameters(Parameter.one("PATH", Parameter.Names.FILE))
                .example("hostal build -t shop:1 .", "The folder that this is")
                .example("hostal build --target test --build-arg VERSION=2 .", "A stage, with an argument")
                .example("hostal build --vm -t shop-vm --output type=qcow2,dest=shop.qcow2 .", "A disk, also as a file");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var outputs = new ArrayList<>(arguments.all("output").stream().map(BuildOutput::parse).toList());
        if (arguments.has("push")) outputs.add(new BuildOutput("registry", ""));
        diskSize(arguments);
        outputs.forEach(output -> output.check(arguments.has("vm")));
        boolean streams = outputs.stream().anyMatch(output -> output.place().equals("-"));
        var arches = Platforms.allOf(arguments);
        if (arches.size() > 1) severally(arguments, outputs);
        var asked = SharedSteps.of(arguments);
        try (var answers = BuildAnswers.of(arguments, session.env())) {
            var shared = asked.load(session, session.hostal());
            ImageV1 image = null;
            for (var arch : arches) {
                image = build(arguments, arch, shared, answers, session);
                if (!streams && arguments.json()) session.print(image.toJson());
                else if (!streams) session.out().line(image.digest());
            }
            BuildRecord.write(arguments, image);
            shared.deliver(session, session.hostal());
            for (var output : outputs) {
                output.deliver(image, arguments.all("tag"), session, session.hostal());
            }
        } catch (ApiException e) {
            if (!e.error().code().equals(ErrorCode.BUILD_FAILED.name()) || arguments.json()) throw e;
            // With its lines as they stand: a caret points at one.
            session.out().flush();
            session.err().line("hostal: " + e.getMessage().stripTrailing());
            return 1;
        } finally {
            asked.forget(session.hostal());
        }
        return 0;
    }

    /// Images for several architectures have one name, and are one after the other made of the same folder.
    private static void severally(Arguments arguments, List<BuildOutput> outputs) {
        if (arguments.all("tag").isEmpty()) throw new UsageError("an image for several platforms needs a name: -t");
        if (arguments.word("PATH").equals("-") || arguments.find("file").filter("-"::equals).isPresent()) throw new UsageError(
                "standard input is read once: for several platforms the context must be a folder");
        if (outputs.stream().anyMatch(output -> !List.of("oci", "registry", "image").contains(output.type()))) {
            throw new UsageError("--output: several platforms go to type=oci or type=registry");
        }
    }

    private static ImageV1 build(Arguments arguments, Optional<String> arch, SharedSteps shared, BuildAnswers answers,
            Session session) throws IOException, InterruptedException {
        try (var context = SentContext.open(arguments, session)) {
            var wanted = wanted(arguments, arch, shared, context, answers, session);
            var view = new BuildView(session.err(), session.terminal(), session.clock(), form(arguments, session)).start();
            try (view) {
                boolean quiet = arguments.has("quiet");
                return session.hostal().builds().build(wanted, context, event -> {
                    if (!quiet) view.take(event);
                }, answers);
            }
        }
    }

    private static BuildView.Form form(Arguments arguments, Session session) {
        boolean live = switch (arguments.find("progress").orElse("auto")) {
            case "tty" -> true;
            case "plain" -> false;
            default -> session.terminal().isError() && !arguments.has("quiet");
        };
        return live && !arguments.has("quiet") ? BuildView.Form.LIVE : BuildView.Form.PLAIN;
    }

    private static BuildV1 wanted(Arguments arguments, Optional<String> arch, SharedSteps shared, SentContext context,
            BuildAnswers answers, Session session) throws IOException, InterruptedException {
        return new BuildV1(arguments.all("tag"), context.dockerfile(), pairs("build-arg", arguments, Optional.of(session.env())),
                arguments.find("target"), arguments.has("no-cache"), arguments.has("pull"),
                pairs("label", arguments, Optional.empty()), arch, arguments.find("network"),
                logins(context.text(), shared.from(), session), secrets(arguments, session), shared.from(),
                shared.toImage(), shared.inline(), answers.agentIds(), answers.contexts(), arguments.all("add-host"),
                arguments.find("shm-size").map(text -> bytes("shm-size", text)), arguments.find("memory")
                .map(text -> bytes("memory", text)), LimitOptions.limitsOfSteps(arguments), arguments.all("allow"),
                stages(arguments), Optional.of(arguments.word("PATH")).filter(SentContext::isRemote), diskSize(arguments));
    }

    private static OptionalLong diskSize(Arguments arguments) {
        var size = arguments.find("size");
        if (!arguments.has("vm")) {
            if (size.isPresent()) throw new UsageError("--size goes with --vm");
            return OptionalLong.empty();
        }
        return OptionalLong.of(size.map(text -> bytes("size", text)).orElse(DISK_SIZE.count()));
    }

    private static List<String> stages(Arguments arguments) {
        return arguments.all("no-cache-filter").stream().flatMap(text -> Arrays.stream(text.split(",")))
                .filter(name -> !name.isBlank()).toList();
    }

    private static long bytes(String option, String text) {
        try {
            return Bytes.parse(text).count();
        } catch (IllegalArgumentException e) {
            throw new UsageError("--%s: %s".formatted(option, e.getMessage()));
        }
    }

    /// @param env has the values of names that stand alone; a name that it has not is left out
    private static Map<String, String> pairs(String option, Arguments arguments, Optional<Map<String, String>> env) {
        var pairs = new LinkedHashMap<String, String>();
        for (var text : arguments.all(option)) {
            int equals = text.indexOf('=');
            if (equals == 0) throw new UsageError("--%s: '%s' has no name".formatted(option, text));
            if (equals > 0) pairs.put(text.substring(0, equals), text.substring(equals + 1));
            else if (env.isEmpty()) pairs.put(text, "");
            else Optional.ofNullable(env.get().get(text)).ifPresent(value -> pairs.put(text, value));
        }
        return pairs;
    }

    private static Map<String, byte[]> secrets(Arguments arguments, Session session) throws IOException {
        var secrets = new LinkedHashMap<String, byte[]>();
        for (var text : arguments.all("secret")) {
            var members = new LinkedHashMap<String, String>();
            for (var part : text.split(",")) {
                int equals = part.indexOf('=');
                if (equals <= 0) throw new UsageError("--secret: '%s' is not id=ID,src=FILE".formatted(text));
                members.put(part.substring(0, equals), part.substring(equals + 1));
            }
            var id = Optional.ofNullable(members.get("id"))
                    .orElseThrow(() -> new UsageError("--secret: '%s' has no id".formatted(text)));
            var file = Optional.ofNullable(members.get("src")).or(() -> Optional.ofNullable(members.get("source")));
            var name = Optional.ofNullable(members.get("env")).orElse(id);
            if (file.isPresent()) secrets.put(id, Files.readAllBytes(Path.of(file.get())));
            else if (session.env().containsKey(name)) secrets.put(id, session.env().get(name).getBytes(StandardCharsets.UTF_8));
            else throw new UsageError("--secret: '%s' names neither a file nor a variable that is set".formatted(text));
        }
        return secrets;
    }

    private static List<RegistryLoginV1> logins(String dockerfile, List<String> images, Session session)
            throws InterruptedException, IOException {
        var registries = new LinkedHashSet<String>();
        var names = new ArrayList<>(images);
        IMAGES.matcher(dockerfile).results()
                .forEach(found -> names.add(found.group(1) == null ? found.group(2) : found.group(1)));
        for (var name : names) {
            try {
                registries.add(ImageReference.parse(name).registry());
            } catch (IllegalArgumentException _) {
                // No image: a stage, or what the daemon will refuse in words.
            }
        }
        var logins = new ArrayList<RegistryLoginV1>();
        for (var registry : registries) {
            try {
                Logins.of(session).find(registry).map(Logins::wire).ifPresent(logins::add);
            } catch (IOException broken) {
                session.say("Going on without a login at %s: %s".formatted(registry, broken.getMessage()));
            }
        }
        return logins;
    }
}
