package dev.hostal.image.distribution;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// The root file system of the `tiny` image, as a tar.
final class TinyRoot {
    /// Folders with their permissions. `/usr` is merged, as in today's distributions.
    private static final Map<String, Integer> FOLDERS = folders();
    private static final Map<String, String> LINKS = Map.of(
            "bin", "usr/bin", "sbin", "usr/bin", "usr/sbin", "bin", "var/run", "../run", "var/lock", "../run/lock");
    private static final Map<String, String> FILES = Map.of(
            "etc/passwd", """
                    root:*:0:0:root:/root:/bin/sh
                    daemon:*:1:1:daemon:/:/bin/false
                    nobody:*:65534:65534:nobody:/:/bin/false
                    """,
            "etc/group", """
                    root:x:0:
                    daemon:x:1:
                    tty:x:5:
                    disk:x:6:
                    nogroup:x:65534:
                    """,
            "etc/shells", "/bin/sh\n",
            "etc/os-release", """
                    ID=tiny
                    NAME="Hostal tiny"
                    PRETTY_NAME="Hostal tiny (busybox)"
                    """,
            "etc/profile", "PS1='\\u@\\h:\\w\\$ '\n");
    /// No init: a guest of this image runs one command, it does not boot a system of its own.
    private static final Set<String> LEFT_OUT = Set.of("init", "linuxrc");

    private final TarArchiveOutputStream tar;

    private TinyRoot(TarArchiveOutputStream tar) {
        this.tar = tar;
    }

    static byte[] tar(byte[] busybox) throws IOException {
        var bytes = new ByteArrayOutputStream(busybox.length + (512 << 10));
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            new TinyRoot(tar).write(busybox);
        }
        return bytes.toByteArray();
    }

    private void write(byte[] busybox) throws IOException {
        for (var folder : FOLDERS.entrySet()) {
            put(new TarArchiveEntry(folder.getKey() + "/"), folder.getValue(), new byte[0]);
        }
        put(new TarArchiveEntry("usr/bin/busybox"), 0755, busybox);
        for (var applet : Applets.of(busybox)) {
            if (!LEFT_OUT.contains(applet) && !applet.equals("busybox")) link("usr/bin/" + applet, "busybox");
        }
        for (var name : LINKS.keySet().stream().sorted().toList()) link(name, LINKS.get(name));
        for (var name : FILES.keySet().stream().sorted().toList()) {
            put(new TarArchiveEntry(name), 0644, FILES.get(name).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void link(String name, String target) throws IOException {
        var entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        put(entry, 0777, new byte[0]);
    }

    private void put(TarArchiveEntry entry, int mode, byte[] content) throws IOException {
        entry.setMode(mode);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setModTime(0);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static Map<String, Integer> folders() {
        var folders = new LinkedHashMap<String, Integer>();
        for (var name : List.of("dev", "etc", "home", "mnt", "opt", "proc", "run", "srv", "sys", "usr", "usr/bin",
                "usr/lib", "usr/local", "usr/local/bin", "usr/local/sbin", "usr/share", "var", "var/cache", "var/lib",
                "var/log", "var/spool")) {
            folders.put(name, 0755);
        }
        folders.put("root", 0700);
        folders.put("tmp", 01777);
        folders.put("var/tmp", 01777);
        return folders;
    }
}
