package dev.hostal.linux;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where programs are looked for, in this order.
public record ProgramPath(List<Path> folders) {
    /// Engines live here too, and a user's PATH often leaves them out.
    private static final List<String> ALWAYS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    public ProgramPath {
        folders = List.copyOf(folders);
    }

    /// The folders of PATH, then the system's own.
    public static ProgramPath of(Map<String, String> environment) {
        var names = new ArrayList<>(List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator)));
        names.addAll(ALWAYS);
        // A relative folder would mean another one in every work folder.
        return new ProgramPath(names.stream().filter(name -> name.startsWith("/")).distinct().map(Path::of).toList());
    }

    /// The file of a program; a name with a slash is a path already.
    public Optional<Path> find(String name) {
        if (name.contains("/")) return Optional.of(Path.of(name)).filter(ProgramPath::isProgram);
        return folders.stream().map(folder -> folder.resolve(name)).filter(ProgramPath::isProgram).findFirst();
    }

    private static boolean isProgram(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }
}
