package dev.hostal.image.build;

import dev.hostal.oci.layer.LayerNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/// Paths as archives have them: bytes as ISO 8859-1, without a slash at either end; the root is empty. Their parts are taken
/// and put together by [LayerNames].
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
}
