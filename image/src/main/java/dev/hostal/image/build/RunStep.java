package dev.hostal.image.build;

import dev.hostal.base.Cause;
import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.model.ExitStatus;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.HereDocument;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.BuildSpec.Asked;
import dev.hostal.spi.BuildSteps;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// `RUN`: a program in a container over the files so far; what it writes is a layer.
final class RunStep {
    /// Arguments that are there without `ARG`, and decide nothing. Source: Dockerfile reference, "Predefined ARGs".
    private static final List<String> PROXIES = List.of("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY",
            "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy");
    private static final List<String> NETWORKS = List.of("default", "none", "host");
    /// How much of what a program said is told with its failure. Chosen.
    private static final int TAIL = 4 << 10;

    private final StageBuild stage;
    private final Step step;
    private final Instruction.Run run;
    private final StringBuilder tail = new StringBuilder();

    RunStep(StageBuild stage, Step step, Instruction.Run run) {
        this.stage = stage;
        this.step = step;
        this.run = run;
    }

    boolean apply() throws IOException, InterruptedException {
        var argv = argv();
        var env = new TreeMap<>(stage.args);
        env.putAll(stage.draft.env);
        var network = flag("network").orElse(stage.work().spec().network());
        var security = flag("security").orElse("sandbox");
        if (flag("network").isPresent() && !NETWORKS.contains(network)) throw new BuildException(
                "unsupported network mode '%s': default, none, host".formatted(network));
        if (!List.of("sandbox", "insecure").contains(security)) throw new BuildException(
                "security '%s' is not valid: sandbox, insecure".formatted(security));
        if (security.equals("insecure")) permitted(Asked.SECURITY_INSECURE);
        // Who asks for the host's network for the whole build has allowed it.
        if (network.equals("host") && !stage.work().spec().network().equals("host")) permitted(Asked.NETWORK_HOST);
        var flags = run.flags().getOrDefault("mount", List.of()).stream()
                .map(text -> MountFlag.parse(text, stage.fill()::in)).toList();
        try (var mounts = new RunMounts(stage, flags)) {
            var key = new Key("run").add(stage.root).add(argv).add(lines(env)).add(stage.draft.user, stage.draft.workdir,
                    network.equals(BuildSpec.NETWORK_DEFAULT) ? "" : network, security).add(mounts.keys())
                    .add(stage.work().spec().asked().hosts()).add(stage.work().spec().asked().limits().seen()).end();
            var known = stage.recall(key, createdBy(argv));
            if (known.isPresent()) {
                stage.add(key, known.get(), createdBy(argv));
                return true;
            }
            for (var proxy : PROXIES) {
                Optional.ofNullable(stage.work().spec().arguments().get(proxy)).ifPresent(value -> env.putIfAbsent(proxy, value));
            }
            stage.work().epoch().ifPresent(epoch -> env.putIfAbsent("SOURCE_DATE_EPOCH", Long.toString(epoch)));
            mounts.prepare();
            env.putAll(mounts.env());
            var words = !run.documents().isEmpty() && argv.getFirst().startsWith("#!")
                    ? List.of(mounts.program(run.documents().getFirst().name(), argv.getFirst())) : argv;
            var layer = execute(words, lines(env), mounts, network, security.equals("insecure"));
            stage.remember(key, layer, createdBy(argv));
            return false;
        }
    }

    private void permitted(String entitlement) {
        if (!stage.work().spec().asked().entitlements().contains(entitlement)) throw new BuildException(
                "%s is not allowed%nMaybe allow it with --allow %1$s.".formatted(entitlement));
    }

    private Optional<String> flag(String name) {
        return Optional.ofNullable(run.flags().get(name)).map(List::getLast);
    }

    private static List<String> lines(TreeMap<String, String> env) {
        return env.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
    }

    private static String createdBy(List<String> argv) {
        return "RUN " + String.join(" ", argv);
    }

    /// Source: Dockerfile reference, "Here-Documents": one alone is the program's text, others follow the command. A text with
    /// an interpreter of its own stands alone, to be run as a file.
    private List<String> argv() {
        var words = new ArrayList<String>();
        if (!run.command().shell()) return run.command().words();
        words.addAll(stage.draft.shell);
        var text = run.command().words().getFirst();
        var documents = run.documents();
        if (documents.size() == 1 && HereDocument.isAlone(text)) {
            var content = documents.getFirst().content();
            if (content.startsWith("#!")) return List.of(content);
            words.add(content);
            return words;
        }
        var whole = new StringBuilder(text);
        for (var document : documents) {
            whole.append('\n').append(document.content()).append(document.name());
        }
        words.add(whole.toString());
        return words;
    }

    private Optional<Layer> execute(List<String> argv, List<String> env, RunMounts mounts, String network, boolean insecure)
            throws IOException, InterruptedException {
        var work = stage.work();
        var workdir = stage.draft.workdir.isEmpty() ? "/" : stage.draft.workdir;
        var program = new ProgramSpec(argv, env, stage.draft.user, workdir, false, false, Optional.empty());
        var files = work.store().files(stage.layers, work.deadline());
        var wanted = new BuildSteps.Step(files, stage.arch(), program, mounts.all(), network, insecure,
                work.spec().asked().hosts(), work.spec().asked().limits());
        return work.steps().run(wanted, this::read, (status, upper) -> {
            if (status.code() != 0) throw failed(argv, status);
            return layer(upper, mounts);
        }, work.deadline());
    }

    private Optional<Layer> layer(Path upper, RunMounts mounts) throws IOException, InterruptedException {
        var work = stage.work();
        var tar = work.store().temporary();
        try {
            int count = LayerFile.writeUpper(upper, mounts.targets(), work.epoch(), tar, work.processes(), work.deadline());
            return count == 0 ? Optional.empty() : Optional.of(work.store().take(tar, work.deadline()));
        } finally {
            Files.deleteIfExists(tar);
        }
    }

    /// As BuildKit says it: all words, quoted as Go quotes them.
    private BuildException failed(List<String> argv, ExitStatus status) {
        var said = tail.toString().stripTrailing();
        var words = String.join(" ", argv).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t");
        return new BuildException("process \"%s\" did not complete successfully: exit code: %d%s".formatted(words, status.code(),
                said.isEmpty() ? "" : "\n" + said.indent(2).stripTrailing()));
    }

    /// Both streams to their ends, in the order in which they come.
    private void read(InputStream stdout, InputStream stderr) throws IOException, InterruptedException {
        var other = new FutureTask<Void>(() -> {
            copy(stderr, true);
            return null;
        });
        Thread.ofVirtual().name("build-stderr").start(other);
        copy(stdout, false);
        try {
            other.get();
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        }
    }

    /// How many bytes at the end are the beginning of a character of UTF-8.
    private static int unfinished(byte[] bytes, int length) {
        for (int back = 1; back <= Math.min(3, length); back++) {
            int lead = bytes[length - back] & 0xff;
            if ((lead & 0xc0) == 0x80) continue;
            int wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
            return wanted > back ? back : 0;
        }
        return 0;
    }

    private void copy(InputStream in, boolean stderr) throws IOException {
        var buffer = new byte[16 << 10];
        int held = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer, held, buffer.length - held)) {
            int length = held + count;
            held = unfinished(buffer, length);
            var bytes = Arrays.copyOf(buffer, length - held);
            System.arraycopy(buffer, length - held, buffer, 0, held);
            if (bytes.length == 0) continue;
            synchronized (tail) {
                tail.append(new String(bytes, StandardCharsets.UTF_8));
                if (tail.length() > TAIL) tail.delete(0, tail.length() - TAIL);
                stage.output(bytes, stderr);
            }
        }
    }
}
