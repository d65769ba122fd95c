package dev.hostal.cli.command;

import dev.hostal.cli.Session;
import dev.hostal.cli.files.TarEntry;
import dev.hostal.cli.files.TarReader;
import dev.hostal.cli.files.Unpacking;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Copies out of a guest.
final class CopyOut {
    /// As the kernel has it. Source: path_resolution(7)
    private static final int LINKS_MAX = 40;

    private final Session session;
    private final Hostal hostal;

    CopyOut(Session session, Hostal hostal) {
        this.session = session;
        this.hostal = hostal;
    }

    void copy(CpCommand.InGuest source, String target, boolean followLink, boolean owners) throws IOException {
        var path = CpCommand.withoutDot(source.path());
        try (var archive = hostal.readFiles(source.instance(), followLink ? followed(source.instance(), path) : path)) {
            if (target.equals("-")) pass(archive);
            else unpack(archive, source, target, owners);
        }
    }

    /// What the links lead to that the path is the name of. The copy keeps the link's name.
    private String followed(String instance, String path) throws IOException {
        var at = path;
        for (int links = 0; links < LINKS_MAX; links++) {
            try (var archive = hostal.readFiles(instance, at)) {
                var first = new TarReader(archive).next();
                if (first.isEmpty() || first.get().type() != TarEntry.Type.SYMBOLIC_LINK) return at;
                var link = first.get().link();
                at = link.startsWith("/") ? link : (CpCommand.parentOf(at) + "/" + link).replace("//", "/");
            }
        }
        throw new IOException("%s is a link to a link, and so on, more than %d times.".formatted(path, LINKS_MAX));
    }

    private void pass(InputStream archive) throws IOException {
        var buffer = new byte[64 << 10];
        for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
            session.out().write(buffer, 0, count);
        }
        session.out().flush();
    }

    private void unpack(InputStream archive, CpCommand.InGuest source, String target, boolean owners) throws IOException {
        var tar = new TarReader(archive);
        var first = tar.next().orElseThrow(() ->
                new IOException("The archive of %s is empty.".formatted(source.path())));
        int skipped = new Unpacking(place(first, source, target), owners).unpack(first, tar);
        if (skipped > 0) session.say("%d devices, pipes or sockets were left out.".formatted(skipped));
    }

    /// What the copied file or folder becomes here.
    private static Path place(TarEntry first, CpCommand.InGuest source, String target) throws IOException {
        var path = Path.of(target);
        boolean folder = first.type() == TarEntry.Type.FOLDER;
        if (Files.isDirectory(path)) {
            // A link to a folder means the folder.
            if (folder && CpCommand.meansContent(source.path())) return path.toRealPath();
            var name = CpCommand.lastOf(CpCommand.withoutDot(source.path()));
            return name.isEmpty() ? path.toRealPath() : path.resolve(name);
        }
        if (Files.exists(path) && folder) {
            throw new IOException("%s is no folder; %s is one.".formatted(target, source.path()));
        }
        if (target.endsWith("/") && !folder) throw new IOException("There is no folder %s.".formatted(target));
        var parent = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) throw new IOException("There is no folder %s.".formatted(parent));
        return path;
    }
}
