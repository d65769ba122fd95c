package dev.hostal.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Unpacks an archive of one file or folder to a place of this computer. Whatever the archive says, nothing outside
/// that place is written: no `..`, and no way through a symbolic link.
public final class Unpacking {
    private record Later(Path folder, TarEntry entry) {}

    private final Path target;
    private final boolean owners;
    /// How many components of a path stand for the target.
    private final int above;
    private final Deque<Later> folders = new ArrayDeque<>();
    private int skipped;

    /// @param target what the archive's one file or folder becomes; its parent exists
    public Unpacking(Path target) {
        this(target, false);
    }

    /// @param owners files get their owners and set-user-ID bits as the archive has them, which only root may give
    public Unpacking(Path target, boolean owners) {
        this(target, owners, 1);
    }

    private Unpacking(Path target, boolean owners, int above) {
        this.target = target;
        this.owners = owners;
        this.above = above;
    }

    /// Of an archive of the content of a folder.
    ///
    /// @param folder that gets it
    public static Unpacking ofContent(Path folder) {
        return new Unpacking(folder, false, 0);
    }

    /// Unpacks what is left of the archive.
    ///
    /// @param first the entry that was read already
    /// @return how many devices and the like were left out
    /// @throws IOException the archive would write outside, or this computer refused; what was unpacked stays
    public int unpack(TarEntry first, TarReader tar) throws IOException {
        var next = Optional.of(first);
        while (next.isPresent()) {
            one(next.get(), tar);
            next = tar.next();
        }
        // Modes and times of folders come last: writing into them needs the one and changes the other.
        while (!folders.isEmpty()) {
            var later = folders.pop();
            finish(later.folder(), later.entry());
        }
        return skipped;
    }

    private void one(TarEntry entry, TarReader tar) throws IOException {
        var place = place(entry.path());
        switch (entry.type()) {
            case FOLDER -> {
                if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                    makeRoom(place);
                    Files.createDirectory(place);
                }
                folders.push(new Later(place, entry));
            }
            case FILE -> {
                makeRoom(place);
                write(place, tar);
                finish(place, entry);
            }
            case SYMBOLIC_LINK -> {
                makeRoom(place);
                Files.createSymbolicLink(place, Path.of(entry.link()));
                own(place, entry);
            }
            case HARD_LINK -> {
                var linked = place(entry.link());
                if (!Files.isRegularFile(linked, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException("%s is a link to %s, which the archive has not."
                            .formatted(entry.path(), entry.link()));
                }
                makeRoom(place);
                Files.createLink(place, linked);
            }
            case PIPE, SPECIAL -> skipped++;
        }
    }

    /// Where an entry goes. Its first component stands for the target itself.
    private Path place(String path) throws IOException {
        var components = components(path);
        var place = target;
        for (int i = above; i < components.size(); i++) {
            if (Files.isSymbolicLink(place)) {
                throw new IOException("%s leads through the symbolic link %s: it would be written elsewhere."
                        .formatted(path, place));
            }
            if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) Files.createDirectory(place);
            place = place.resolve(components.get(i));
        }
        return place;
    }

    /// @throws IOException one of them is `..`, or there is none
    static List<String> components(String path) throws IOException {
        var components = new ArrayList<String>();
        for (var component : path.split("/")) {
            if (component.equals("..")) throw new IOException("%s would be written elsewhere.".formatted(path));
            if (!component.isEmpty() && !component.equals(".")) components.add(component);
        }
        if (components.isEmpty()) components.add(".");
        return components;
    }

    private static void makeRoom(Path place) throws IOException {
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("%s is a folder here and none in the guest.".formatted(place));
        }
        Files.deleteIfExists(place);
    }

    private static void write(Path place, TarReader tar) throws IOException {
        var buffer = new byte[64 << 10];
        try (var out = Files.newOutputStream(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
                out.write(buffer, 0, count);
            }
        }
    }

    private void finish(Path place, TarEntry entry) throws IOException {
        own(place, entry);
        if (owners) Files.setAttribute(place, "unix:mode", entry.mode(), LinkOption.NOFOLLOW_LINKS);
        else Files.setPosixFilePermissions(place, permissions(entry.mode()));
        Files.setLastModifiedTime(place, FileTime.fromMillis(entry.mtime() * 1000));
    }

    private void own(Path place, TarEntry entry) throws IOException {
        if (!owners) return;
        Files.setAttribute(place, "unix:uid", entry.owner().user(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(place, "unix:gid", entry.owner().group(), LinkOption.NOFOLLOW_LINKS);
    }

    /// Without set-user-ID and its like: the file belongs to another user here.
    private static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        var all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0400 >> i) != 0) permissions.add(all[i]);
        }
        return permissions;
    }
}
