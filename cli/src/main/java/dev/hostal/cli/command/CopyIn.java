package dev.hostal.cli.command;

import dev.hostal.cli.Session;
import dev.hostal.cli.files.Packing;
import dev.hostal.cli.files.TarEntry;
import dev.hostal.cli.files.TarReader;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Copies into a guest.
final class CopyIn {
    /// Where the archive is unpacked, and what its one file or folder is called there.
    private record Place(String folder, String name) {}

    private final Session session;
    private final Hostal hostal;

    CopyIn(Session session, Hostal hostal) {
        this.session = session;
        this.hostal = hostal;
    }

    void copy(String source, CpCommand.InGuest target, boolean followLink, boolean owners)
            throws IOException, InterruptedException {
        if (source.equals("-")) {
            hostal.writeFiles(target.instance(), target.path(), session.in());
            return;
        }
        var path = Path.of(CpCommand.withoutDot(source));
        boolean follow = followLink || source.endsWith("/") || CpCommand.meansContent(source);
        boolean there = follow ? Files.exists(path) : Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (!there) throw new IOException("There is no file %s here.".formatted(source));
        boolean folder = follow ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        int skipped = send(path, place(source, path, folder, target), follow, owners, target.instance());
        if (skipped > 0) session.say("%d devices or sockets were left out.".formatted(skipped));
    }

    private Place place(String source, Path path, boolean folder, CpCommand.InGuest target) throws IOException {
        var found = typeInGuest(target);
        boolean isFolder = found.isPresent() && found.get() == TarEntry.Type.FOLDER;
        var guestPath = CpCommand.withoutSlashes(target.path());
        if (isFolder && folder && CpCommand.meansContent(source)) return new Place(guestPath, "");
        if (isFolder) return new Place(guestPath, path.toAbsolutePath().normalize().getFileName().toString());
        if (found.isPresent() && folder) {
            throw new IOException("%s is no folder in the guest; %s is one.".formatted(target.path(), source));
        }
        if (target.path().endsWith("/") && !folder) {
            throw new IOException("There is no folder %s in the guest.".formatted(target.path()));
        }
        return new Place(CpCommand.parentOf(target.path()), CpCommand.lastOf(target.path()));
    }

    /// What is in the guest at that path, from the first header of its archive; empty where nothing is. A link to a
    /// folder counts as the folder.
    private Optional<TarEntry.Type> typeInGuest(CpCommand.InGuest target) throws IOException {
        var type = firstEntry(target.instance(), CpCommand.withoutSlashes(target.path()));
        if (type.isEmpty() || type.get() != TarEntry.Type.SYMBOLIC_LINK) return type;
        return firstEntry(target.instance(), CpCommand.withoutSlashes(target.path()) + "/.").or(() -> type);
    }

    private Optional<TarEntry.Type> firstEntry(String instance, String path) throws IOException {
        if (path.equals("/")) return Optional.of(TarEntry.Type.FOLDER);
        try (var archive = hostal.readFiles(instance, path)) {
            return new TarReader(archive).next().map(TarEntry::type);
        } catch (ApiException refused) {
            if (refused.error().code().equals("NOT_FOUND")) return Optional.empty();
            throw refused;
        }
    }

    /// Packs on a thread of its own while the daemon takes the archive.
    ///
    /// @return how many devices and sockets were left out
    private int send(Path source, Place place, boolean follow, boolean owners, String instance)
            throws IOException, InterruptedException {
        var skipped = new AtomicInteger();
        var failed = new AtomicReference<IOException>();
        var archive = new PipedInputStream(256 << 10);
        var pipe = new PipedOutputStream(archive);
        var packer = new Thread(() -> {
            try (pipe) {
                skipped.set(Packing.pack(source, place.name(), follow, owners, pipe));
            } catch (IOException e) {
                failed.set(e);
            }
        }, "pack");
        packer.setDaemon(true);
        packer.start();
        try (archive) {
            hostal.writeFiles(instance, place.folder(), archive);
        }
        packer.join();
        if (failed.get() != null) throw failed.get();
        return skipped.get();
    }
}
