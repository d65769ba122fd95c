package dev.hostal.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/// The native library of sqlite-jdbc, unpacked once into a folder beside the store. Left to itself, sqlite-jdbc
/// unpacks it into the temporary folder at each start, where a process that is killed leaves it behind for ever,
/// and which may be mounted `noexec`.
final class SqliteLibrary {
    /// Source: sqlite-jdbc, `SQLiteJDBCLoader.loadSQLiteNativeLibrary`.
    private static final String PATH = "org.sqlite.lib.path";
    private static final String NAME = "org.sqlite.lib.name";

    private SqliteLibrary() {}

    /// Afterwards this JVM takes the library from there, unless it was told another place before.
    static synchronized void ensure(Path folder) throws IOException {
        if (System.getProperty(PATH) != null) return;
        var name = System.mapLibraryName("sqlitejdbc");
        var resource = "/org/sqlite/native/%s/%s".formatted(OSInfo.getNativeLibFolderPathForCurrentOS(), name);
        byte[] wanted;
        try (var stream = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            // Where it has none for this platform, it looks for the system's own.
            if (stream == null) return;
            wanted = stream.readAllBytes();
        }
        var file = folder.resolve(name);
        Files.createDirectories(folder);
        if (!Arrays.equals(wanted, contentOf(file))) {
            var next = folder.resolve(name + ".tmp");
            Files.write(next, wanted);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        }
        System.setProperty(NAME, name);
        System.setProperty(PATH, folder.toString());
    }

    private static byte[] contentOf(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            return new byte[0];
        }
    }
}
