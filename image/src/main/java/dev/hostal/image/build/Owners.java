package dev.hostal.image.build;

import dev.hostal.image.build.FileTree.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Users and groups of an image by name. Source: passwd(5), group(5).
record Owners(String passwd, String group) {
    /// @param uid of the user
    /// @param gid of the group
    record Owner(long uid, long gid) {
        static final Owner ROOT = new Owner(0, 0);
    }

    /// Longest of these files that is read. Chosen.
    static final int FILE_MAX = 4 << 20;

    static Owners of(FileTree tree) throws IOException {
        return new Owners(text(tree, "etc/passwd"), text(tree, "etc/group"));
    }

    private static String text(FileTree tree, String name) throws IOException {
        var content = tree.at(tree.resolve(name)).flatMap(Node::content);
        if (content.isEmpty()) return "";
        try (var in = content.get().open()) {
            return new String(in.readNBytes(FILE_MAX), StandardCharsets.UTF_8);
        }
    }

    /// @param text `user[:group]`, names or numbers; a number alone is that of the group too
    /// @throws IllegalArgumentException there is no such user or group
    Owner find(String text) {
        int colon = text.indexOf(':');
        var user = colon < 0 ? text : text.substring(0, colon);
        var wanted = colon < 0 ? "" : text.substring(colon + 1);
        var line = line(passwd, user);
        long uid = number(user).or(() -> line.map(fields -> Long.parseLong(fields[2])))
                .orElseThrow(() -> new IllegalArgumentException("the image has no user '%s'".formatted(user)));
        if (wanted.isEmpty()) return new Owner(uid, colon < 0 && number(user).isPresent() ? uid
                : line.filter(fields -> fields.length > 3).map(fields -> Long.parseLong(fields[3])).orElse(uid));
        long gid = number(wanted).or(() -> line(group, wanted).map(fields -> Long.parseLong(fields[2])))
                .orElseThrow(() -> new IllegalArgumentException("the image has no group '%s'".formatted(wanted)));
        return new Owner(uid, gid);
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<String[]> line(String file, String name) {
        return file.lines().map(line -> line.split(":")).filter(fields -> fields.length > 2 && fields[0].equals(name)
                && fields[2].matches("\\d{1,10}")).findFirst();
    }
}
