package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import java.io.IOException;

/// `hostal cp`.
public final class CpCommand implements Command {
    /// A place in a guest: `NAME:PATH`.
    record InGuest(String instance, String path) {}

    @Override public Usage usage() {
        return Usage.of("cp", "copy files and folders into or out of a guest", """
                        Copies a file or a folder with all that is in it. One side is INSTANCE:PATH, the other a path
                        here; a path with a colon of its own begins with ./ or /. As in 'docker cp': a folder that
                        exists gets the copy inside it, otherwise the copy gets the target's name; FOLDER/. means the
                        folder's content. '-' is a tar archive on standard input or output.""")
                .options(flag('a', "archive",
                        "Keep owners by their numbers; otherwise copies in a guest are root's, and copies here yours."),
                        flag('L', "follow-link", "Copy what a symbolic link named as SOURCE points to."))
                .parameters(Parameter.one("SOURCE", Parameter.Names.FILE),
                        Parameter.one("TARGET", Parameter.Names.FILE))
                .example("hostal cp setup.sh web:/root/", "A file into a folder of the guest")
                .example("hostal cp web:/var/log logs", "A folder out of the guest, under another name")
                .example("hostal cp web:/etc - | tar t", "As an archive");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var source = arguments.word("SOURCE");
        var target = arguments.word("TARGET");
        boolean fromGuest = isInGuest(source);
        boolean toGuest = isInGuest(target);
        if (fromGuest && toGuest) {
            throw new UsageError("both sides are in guests.\nMaybe copy by way of this computer: "
                    + "hostal cp %s - | hostal cp - %s".formatted(source, target));
        }
        if (!fromGuest && !toGuest) {
            throw new UsageError("one side must be INSTANCE:PATH: hostal cp [OPTIONS] SOURCE TARGET");
        }
        boolean followLink = arguments.has("follow-link");
        boolean owners = arguments.has("archive");
        if (fromGuest) new CopyOut(session, session.hostal()).copy(parse(source), target, followLink, owners);
        else new CopyIn(session, session.hostal()).copy(source, parse(target), followLink, owners);
        return 0;
    }

    private static boolean isInGuest(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && !text.startsWith("/") && !text.startsWith(".") && text.substring(0, colon).indexOf('/') < 0;
    }

    private static InGuest parse(String text) {
        int colon = text.indexOf(':');
        var path = text.substring(colon + 1);
        return new InGuest(text.substring(0, colon), path.startsWith("/") ? path : "/" + path);
    }

    /// The last component of a path; empty for the root.
    static String lastOf(String path) {
        var trimmed = withoutSlashes(path);
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    static String parentOf(String path) {
        var trimmed = withoutSlashes(path);
        int slash = trimmed.lastIndexOf('/');
        return slash <= 0 ? "/" : trimmed.substring(0, slash);
    }

    static String withoutSlashes(String path) {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    /// Whether the content of a folder is meant: `FOLDER/.`.
    static boolean meansContent(String path) {
        return path.endsWith("/.") || path.equals(".");
    }

    static String withoutDot(String path) {
        if (path.equals(".")) return path;
        return meansContent(path) ? withoutSlashes(path.substring(0, path.length() - 1)) : path;
    }
}
