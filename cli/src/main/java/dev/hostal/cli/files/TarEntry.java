package dev.hostal.cli.files;

/// What a tar header says of one file.
///
/// @param path as it stands in the archive
/// @param link target of a link, else empty
/// @param mode permission bits
/// @param mtime in seconds since 1970
public record TarEntry(String path, Type type, String link, int mode, long size, long mtime) {
    public enum Type {
        FILE('0'),
        HARD_LINK('1'),
        SYMBOLIC_LINK('2'),
        FOLDER('5'),
        /// A device or a pipe, which is not copied.
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
