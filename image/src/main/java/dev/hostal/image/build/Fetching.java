package dev.hostal.image.build;

import dev.hostal.image.build.FileTree.Node;
import dev.hostal.linux.Command;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerCompression;
import dev.hostal.oci.layer.TarReader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `COPY` and `ADD` take, made ready: archives are unpacked, URLs fetched, repositories cloned.
final class Fetching implements AutoCloseable {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(30);
    private static final Duration HEAD_MAX = Duration.ofMinutes(2);

    private final StageBuild stage;
    private final Map<String, List<String>> flags;
    private final boolean adds;
    private final ArrayList<Copying.Item> items = new ArrayList<>();
    private final ArrayList<Path> folders = new ArrayList<>();
    private Optional<Spool> spool = Optional.empty();

    /// @param adds as `ADD` does; `COPY` takes everything as it is
    Fetching(StageBuild stage, Map<String, List<String>> flags, boolean adds) {
        this.stage = stage;
        this.flags = flags;
        this.adds = adds;
    }

    Spool spool() throws IOException {
        if (spool.isEmpty()) spool = Optional.of(new Spool(stage.work().store().temporary()));
        return spool.get();
    }

    List<Copying.Item> items() {
        return items;
    }

    void prepare(FileTree context, List<String> sources, Copying.Choice choice) throws IOException, InterruptedException {
        var checksum = Optional.ofNullable(flags.get("checksum")).map(List::getLast);
        if (checksum.isPresent() && (sources.size() != 1 || !isUrl(sources.getFirst()) && !isGit(sources.getFirst()))) throw new BuildException(
                "checksum can't be specified for anything but one URL or repository");
        for (var source : sources) {
            if (adds && isGit(source)) clone(source, checksum);
            else if (adds && isUrl(source)) download(source, checksum);
            else for (var item : Copying.select(context, List.of(source), choice)) {
                if (adds && item.single() && unpacks(true)) unpack(item);
                else items.add(item);
            }
        }
    }

    private boolean unpacks(boolean usual) {
        return Optional.ofNullable(flags.get("unpack")).map(List::getLast).map(value -> value.equals("true") || value.equals("1")).orElse(usual);
    }

    private static boolean isUrl(String source) {
        return source.startsWith("http://") || source.startsWith("https://");
    }

    /// Source: Dockerfile reference, "ADD", git repositories.
    private static boolean isGit(String source) {
        var plain = source.replaceFirst("#.*", "");
        return source.startsWith("git@") || source.startsWith("git://") || source.startsWith("ssh://") || source.startsWith("file://")
                || isUrl(source) && plain.endsWith(".git");
    }

    // ---- archives

    /// An archive becomes what is in it, everything else stays as it is. Its content decides, not its name.
    private void unpack(Copying.Item item) throws IOException {
        if (item.node().content().isEmpty()) {
            items.add(item);
            return;
        }
        var content = item.node().content().get();
        if (!isArchive(content.open())) {
            items.add(item);
            return;
        }
        try (var tar = plain(content.open())) {
            var tree = spool().read(tar);
            tree.below("").forEach((name, node) -> items.add(new Copying.Item(name, node, false)));
            if (tree.size() == 0) items.add(item);
        } catch (BadLayerException | EOFException e) {
            throw new BuildException("%s is a damaged archive: %s".formatted(Names.shown(item.name()), e.getMessage()), e);
        }
    }

    private static boolean isArchive(InputStream in) throws IOException {
        try (var tar = plain(in)) {
            return TarReader.begins(tar.readNBytes(512));
        } catch (BadLayerException | EOFException | java.util.zip.ZipException e) {
            return false;
        }
    }

    /// gzip and zstd as layers have them, and what `ADD` takes beside: bzip2, xz.
    private static InputStream plain(InputStream in) throws IOException {
        var begun = new BufferedInputStream(in, 64 << 10);
        begun.mark(8);
        var head = begun.readNBytes(6);
        begun.reset();
        if (head.length >= 3 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h') {
            return new org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream(begun, true);
        }
        if (head.length >= 6 && (head[0] & 0xff) == 0xfd && head[1] == '7' && head[2] == 'z' && head[3] == 'X' && head[4] == 'Z') {
            return new org.tukaani.xz.XZInputStream(begun);
        }
        return LayerCompression.open(begun);
    }

    // ---- URLs

    private void download(String url, Optional<String> checksum) throws IOException, InterruptedException {
        var uri = URI.create(url);
        var request = HttpRequest.newBuilder(uri).timeout(HEAD_MAX).build();
        try (var client = HttpClient.newBuilder().connectTimeout(CONNECT_MAX).followRedirects(HttpClient.Redirect.NORMAL).build()) {
            var reply = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (var body = reply.body()) {
                if (reply.statusCode() != 200) throw new BuildException("%s: the server answered with status %d".formatted(url, reply.statusCode()));
                keep(uri, reply, body, checksum);
            }
        } catch (IOException e) {
            throw new BuildException("%s was not fetched: %s".formatted(url, e.getMessage()), e);
        }
    }

    private void keep(URI uri, HttpResponse<?> reply, InputStream body, Optional<String> checksum) throws IOException {
        var content = spool().keep(out -> copy(body, out));
        spool().flush();
        var digest = "sha256:" + content.digest();
        if (checksum.isPresent() && !checksum.get().equals(digest)) throw new BuildException(
                "digest mismatch %s: %s".formatted(digest, checksum.get()));
        var name = Names.last(Names.clean(Optional.ofNullable(uri.getPath()).orElse("")));
        if (name.isEmpty()) throw new BuildException("cannot determine filename for source %s: its path has none".formatted(uri));
        long mtime = reply.headers().firstValue("last-modified").map(Fetching::time).orElse(0L);
        long size;
        try (var in = content.open()) {
            size = in.skip(Long.MAX_VALUE);
        }
        var plain = Spool.file(Names.ofText(name), 0600, mtime, new byte[0]).entry();
        var entry = new dev.hostal.oci.layer.TarEntry(plain.type(), plain.name(), "", size, plain.attributes(), plain.device());
        var item = new Copying.Item(Names.ofText(name), new Node(entry, Optional.of(content)), true);
        if (unpacks(false)) unpack(item);
        else items.add(item);
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        in.transferTo(out);
    }

    private static long time(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
        } catch (DateTimeParseException _) {
            return 0;
        }
    }

    // ---- git

    /// `REPOSITORY[#REF[:FOLDER]]`
    private void clone(String source, Optional<String> checksum) throws IOException, InterruptedException {
        int hash = source.indexOf('#');
        var repository = hash < 0 ? source : source.substring(0, hash);
        var rest = hash < 0 ? "" : source.substring(hash + 1);
        int colon = rest.indexOf(':');
        var ref = colon < 0 ? rest : rest.substring(0, colon);
        var below = colon < 0 ? "" : Names.clean(rest.substring(colon + 1));
        if (ref.startsWith("-")) throw new BuildException("'%s' is no name of a branch, tag or commit".formatted(ref));
        boolean keep = Optional.ofNullable(flags.get("keep-git-dir")).map(List::getLast).filter("true"::equals).isPresent();
        var folder = stage.work().store().temporary();
        folders.add(folder);
        git(List.of("init", "--quiet", folder.toString()));
        git(List.of("-C", folder.toString(), "fetch", "--quiet", "--depth", "1", "--", repository, ref.isEmpty() ? "HEAD" : ref));
        git(List.of("-C", folder.toString(), "-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD"));
        var commit = git(List.of("-C", folder.toString(), "rev-parse", "HEAD")).strip();
        if (checksum.isPresent() && !commit.startsWith(checksum.get())) throw new BuildException(
                "expected checksum to match %s, got %s".formatted(checksum.get(), commit));
        take(folder.resolve(below), keep);
    }

    private String git(List<String> words) throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of("git"));
        argv.addAll(words);
        var command = Command.of(argv).withEnv("GIT_TERMINAL_PROMPT", "0").withEnv("GIT_CONFIG_NOSYSTEM", "1");
        var exit = stage.work().processes().run(command, stage.work().deadline());
        if (exit.status() != 0) throw new BuildException("git %s failed: %s".formatted(words.contains("fetch") ? "fetch" : words.getFirst(), exit.stderr().strip()));
        return exit.stdout();
    }

    private void take(Path folder, boolean keep) throws IOException, InterruptedException {
        if (!Files.isDirectory(folder)) throw new BuildException("the repository has no folder %s".formatted(folder.getFileName()));
        var argv = new ArrayList<>(List.of("tar", "-C", folder.toString(), "--sort=name", "--numeric-owner", "--owner=0", "--group=0",
                "--format=posix", "-cf", "-"));
        if (!keep) argv.add("--exclude=./.git");
        argv.add(".");
        var read = new java.util.concurrent.atomic.AtomicReference<FileTree>();
        var all = spool();
        stage.work().processes().run(Command.of(argv).withStdoutTo(stdout -> read.set(all.read(stdout))), stage.work().deadline())
                .orThrow("reading a repository");
        read.get().below("").forEach((name, node) -> items.add(new Copying.Item(name, node, false)));
    }

    @Override public void close() throws IOException {
        if (spool.isPresent()) spool.get().close();
        for (var folder : folders) {
            Removal.of(folder, stage.work().processes());
        }
    }
}
