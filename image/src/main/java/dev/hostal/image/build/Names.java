package dev.hostal.image.build;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/// Paths as archives have them: bytes as ISO 8859-1, without a slash at either end; the root is empty.
final class Names {
    private Names() {}

    /// The bytes of a text, one character each.
    static String ofText(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /// For people.
    static String shown(String name) {
        return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /// Without `.`, `..` and empty parts; nothing leads above the root.
    static String clean(String path) {
        var parts = new ArrayList<String>();
        for (var part : path.split("/")) {
            if (part.isEmpty() || part.equals(".")) continue;
            if (!part.equals("..")) parts.add(part);
            else if (!parts.isEmpty()) parts.removeLast();
        }
        return String.join("/", parts);
    }

    static String parent(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    static String join(String folder, String name) {
        return folder.isEmpty() ? name : name.isEmpty() ? folder : folder + "/" + name;
    }
}
