package dev.hostal.cli.files;

/// What a tar header says of one file.
///
/// @param path as it stands in the archive
/// @param link target of a link, else empty
/// @param mode permission bits
/// @param mtime in seconds since 1970
/// @param owner on the side that it comes from
public record TarEntry(String path, Type type, String link, int mode, long size, long mtime, Owner owner) {
    /// By number: names differ from system to system.
    public record Owner(int user, int group) {
        public static final Owner ROOT = new Owner(0, 0);
    }

    /// One of root's.
    public TarEntry(String path, Type type, String link, int mode, long size, long mtime) {
        this(path, type, link, mode, size, mtime, Owner.ROOT);
    }

    /// What it is, with its character in an archive.
    public enum Type {
        FILE('0'),
        HARD_LINK('1'),
        SYMBOLIC_LINK('2'),
        FOLDER('5'),
        PIPE('6'),
        /// A device or a socket, which is not copied.
        SPECIAL('3');

        private final char flag;

        Type(char flag) {
            this.flag = flag;
        }

        char flag() {
            return flag;
        }
    }
}
