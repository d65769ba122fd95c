package dev.hostal.linux;

import java.util.Optional;

/// One line that apt writes to its status descriptor. Source: README.progress-reporting of apt.
///
/// @param doing such as `Unpacking runc (amd64)`
/// @param percent 0..100 of downloading, and then of installing
record AptStatus(boolean downloading, String doing, int percent) {
    /// Reads `dlstatus:1:20.5:Retrieving file 1 of 3` and `pmstatus:runc:45.0:Unpacking runc (amd64)`.
    static Optional<AptStatus> parse(String line) {
        var parts = line.split(":", 4);
        if (parts.length < 4) return Optional.empty();
        boolean downloading = parts[0].equals("dlstatus");
        if (!downloading && !parts[0].equals("pmstatus")) return Optional.empty();
        // A package of another architecture has a colon in its name: pmstatus:libc6:i386:45.0:text
        int colon = parts[3].indexOf(':');
        boolean foreign = !parts[2].matches("[0-9.]+") && colon > 0;
        var number = foreign ? parts[3].substring(0, colon) : parts[2];
        var doing = foreign ? parts[3].substring(colon + 1) : parts[3];
        if (!number.matches("[0-9]{1,3}(\\.[0-9]*)?")) return Optional.empty();
        return Optional.of(new AptStatus(downloading, doing.strip(), (int) Double.parseDouble(number)));
    }
}
