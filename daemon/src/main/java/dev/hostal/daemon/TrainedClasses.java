package dev.hostal.daemon;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.jar.JarFile;

/// While a start-up cache is being made (JEP 483): the classes that a daemon on a real host needs and a simulated one
/// does not. They are only loaded, not run, so that the cache has them: without it the first container of a daemon waits
/// half a second for a thousand classes.
final class TrainedClasses {
    /// Set by the launcher for a training.
    private static final String TRAINING = "hostal.training";

    private TrainedClasses() {}

    /// Nothing, unless this is a training.
    static void load() {
        if (!isTraining()) return;
        int loaded = 0;
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            var name = Path.of(entry).getFileName().toString();
            if (name.contains("-SNAPSHOT") || name.startsWith("sqlite")) loaded += loadAll(entry);
        }
        System.getLogger(TrainedClasses.class.getName()).log(Level.INFO, "training.classes loaded=" + loaded);
    }

    static boolean isTraining() {
        return !System.getProperty(TRAINING, "").isEmpty();
    }

    private static int loadAll(String jar) {
        int loaded = 0;
        try (var file = new JarFile(jar)) {
            for (var entry : (Iterable<String>) file.stream().map(Object::toString)::iterator) {
                if (entry.endsWith(".class") && !entry.endsWith("-info.class") && !entry.startsWith("META-INF")
                        && isThere(entry.substring(0, entry.length() - ".class".length()).replace('/', '.'))) loaded++;
            }
        } catch (IOException unreadable) {
            // A cache without them is only slower.
        }
        return loaded;
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, false, TrainedClasses.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError needsMore) {
            // Of a library's class that needs another library: nobody uses it here.
            return false;
        }
    }
}
