package dev.hostal.spi;

import static dev.hostal.base.Check.require;

/// Where an archive is unpacked in a guest, and how.
///
/// @param folder that is there
/// @param owner user of the guest by name or number, optionally `:group`, to whom all of it belongs; empty: to whom the
///     archive says
/// @param clash what becomes of a folder where the archive has none of that name, and the other way round
public record Unpacking(String folder, String owner, Clash clash) {
    /// What of the two gives way; a link to a folder is the folder.
    public enum Clash {
        /// As for `tar`: files do, folders do not.
        FILES_GIVE_WAY,
        /// What was there does, a folder with all that is in it.
        REPLACED,
        /// Neither: the archive is refused from there on.
        REFUSED
    }

    public Unpacking {
        require(folder.startsWith("/"), "a path is absolute, not '%s'", folder);
    }

    /// As `tar` does it.
    public static Unpacking into(String folder) {
        return new Unpacking(folder, "", Clash.FILES_GIVE_WAY);
    }
}
