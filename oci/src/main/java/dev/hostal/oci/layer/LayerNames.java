package dev.hostal.oci.layer;

import java.util.ArrayList;

/// Names of entries as paths below the root of a layer.
public final class LayerNames {
    /// Source: Linux, NAME_MAX and PATH_MAX.
    private static final int COMPONENT_MAX = 255;
    private static final int PATH_MAX = 4096;

    private LayerNames() {}

    /// Without `./`, leading, trailing and double slashes; empty for the root itself.
    ///
    /// @throws BadLayerException the name leads out of the root, or no file system could hold it
    public static String normal(String name) throws BadLayerException {
        if (isNormal(name)) return name;
        if (name.indexOf('\0') >= 0 || name.isEmpty()) throw new BadLayerException("a tar entry has no usable name");
        if (name.length() > PATH_MAX) throw new BadLayerException("a tar entry has a name of over 4096 bytes");
        var parts = new ArrayList<String>();
        for (var part : name.split("/")) {
            if (part.equals("..")) {
                throw new BadLayerException("the entry '%s' leads out of the layer".formatted(shown(name)));
            }
            if (part.length() > COMPONENT_MAX) {
                throw new BadLayerException("the entry '%s' has a part of over 255 bytes".formatted(shown(name)));
            }
            if (!part.isEmpty() && !part.equals(".")) parts.add(part);
        }
        return String.join("/", parts);
    }

    /// The folder that holds it; empty for the root.
    public static String parent(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    /// Its name in the folder that holds it.
    public static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    public static String join(String folder, String name) {
        return folder.isEmpty() ? name : name.isEmpty() ? folder : folder + "/" + name;
    }

    /// For a message: short, and without characters that a terminal would obey.
    static String shown(String name) {
        var clean = name.replaceAll("[^ -~]", "?");
        return clean.length() > 120 ? clean.substring(0, 120) + "..." : clean;
    }

    // The common case, told without making garbage: short, and nothing in it that needs a closer look.
    private static boolean isNormal(String name) {
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i < name.length() && name.charAt(i) == '\0') return false;
            if (i < name.length() && name.charAt(i) != '/') continue;
            if (i == start || name.charAt(start) == '.' && i - start <= 2 || i - start > COMPONENT_MAX) return false;
            start = i + 1;
        }
        return name.length() <= PATH_MAX;
    }
}
