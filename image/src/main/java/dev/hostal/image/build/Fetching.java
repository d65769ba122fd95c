package dev.hostal.image.build;

import dev.hostal.image.build.FileTree.Node;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerCompression;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/// What `COPY` and `ADD` take, made ready: archives are unpacked, URLs fetched, repositories cloned.
final class Fetching implements AutoCloseable {
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
        var checksum = Optional.ofNullable(flags.get("checksum")).map(List::getLast).map(stage.fill()::in)
                .filter(text -> !text.isEmpty());
        boolean fetched = sources.size() == 1 && (isUrl(sources.getFirst()) || isGit(sources.getFirst()));
        if (checksum.isPresent() && !fetched) {
            throw new BuildException("checksum can't be specified for anything but one URL or repository");
        }
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
        return Optional.ofNullable(flags.get("unpack")).map(List::getLast)
                .map(value -> value.equals("true") || value.equals("1")).orElse(usual);
    }

    static boolean isUrl(String source) {
        return source.startsWith("http://") || source.startsWith("https://");
    }

    /// Source: Dockerfile reference, "ADD", git repositories.
    static boolean isGit(String source) {
        var plain = source.replaceFirst("#.*", "");
        return source.startsWith("git@") || source.startsWith("git://") || source.startsWith("ssh://")
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

    static boolean isArchive(InputStream in) throws IOException {
        try (var tar = plain(in)) {
            return TarReader.begins(tar.readNBytes(512));
        } catch (BadLayerException | EOFException | ZipException e) {
            return false;
        }
    }

    /// gzip and zstd as layers have them, and what `ADD` takes beside: bzip2, xz.
    static InputStream plain(InputStream in) throws IOException {
        var begun = new BufferedInputStream(in, 64 << 10);
        begun.mark(8);
        var head = begun.readNBytes(6);
        begun.reset();
        if (head.length >= 3 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h') {
            return new org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream(begun, true);
        }
        if (head.length >= 6 && (head[0] & 0xff) == 0xfd && head[1] == '7' && head[2] == 'z' && head[3] == 'X'
                && head[4] == 'Z') {
            return new org.tukaani.xz.XZInputStream(begun);
        }
        return LayerCompression.open(begun);
    }

    // ---- elsewhere

    private void download(String url, Optional<String> checksum) throws IOException, InterruptedException {
        var found = Download.of(url, spool(), stage.work().deadline());
        var digest = "sha256:" + found.content().digest();
        if (checksum.isPresent() && !checksum.get().equals(digest)) throw new BuildException(
                "digest mismatch %s: %s".formatted(digest, checksum.get()));
        var plain = Spool.file(found.name(), 0600, found.mtime(), new byte[0]).entry();
        var entry = new TarEntry(plain.type(), plain.name(), "", found.size(), plain.attributes(), plain.device());
        var item = new Copying.Item(found.name(), new Node(entry, Optional.of(found.content())), true);
        if (unpacks(false)) unpack(item);
        else items.add(item);
    }

    private void clone(String source, Optional<String> checksum) throws IOException, InterruptedException {
        boolean keep = Optional.ofNullable(flags.get("keep-git-dir")).map(List::getLast).filter("true"::equals).isPresent();
        var folder = stage.work().store().temporary();
        folders.add(folder);
        var place = Repository.of(source).checkOut(folder, checksum, stage.work().processes(), stage.work().deadline());
        Repository.files(place, keep, spool(), stage.work().processes(), stage.work().deadline()).below("")
                .forEach((name, node) -> items.add(new Copying.Item(name, node, false)));
    }

    @Override public void close() throws IOException {
        if (spool.isPresent()) spool.get().close();
        for (var folder : folders) {
            Removal.of(folder, stage.work().processes());
        }
    }
}
