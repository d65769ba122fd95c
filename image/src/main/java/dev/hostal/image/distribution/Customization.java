package dev.hostal.image.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/// What is changed in a new Debian root once its packages are installed: a script, and files of ours beside it.
final class Customization {
    private static final Map<String, String> OVERLAY = Map.of(
            "etc/systemd/system/hostal-ssh-keys.service", "hostal-ssh-keys.service",
            "etc/systemd/system/ssh.service.d/hostal.conf", "ssh-keys.conf",
            "etc/systemd/system/ssh@.service.d/hostal.conf", "ssh-keys.conf",
            "etc/systemd/system/modprobe@.service.d/hostal.conf", "modules.conf",
            "etc/systemd/system/systemd-modules-load.service.d/hostal.conf", "modules.conf",
            "etc/systemd/system.conf.d/hostal.conf", "timeouts.conf",
            "etc/ssh/sshd_config.d/hostal.conf", "sshd.conf");

    private Customization() {}

    /// @return the script, which takes the new root as its argument
    static Path write(Path work, boolean slim) throws IOException {
        var folder = Files.createDirectory(work.resolve("customize"));
        var overlay = Files.createDirectory(folder.resolve("overlay"));
        for (var file : OVERLAY.entrySet()) {
            var target = overlay.resolve(file.getKey());
            Files.createDirectories(target.getParent());
            Files.write(target, resource(file.getValue()));
        }
        if (slim) Files.createFile(folder.resolve("slim"));
        var script = folder.resolve("customize");
        Files.write(script, resource("customize"));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    private static byte[] resource(String name) throws IOException {
        try (var stream = Customization.class.getResourceAsStream("debian/" + name)) {
            if (stream == null) throw new IllegalStateException("no resource debian/" + name);
            return stream.readAllBytes();
        }
    }
}
