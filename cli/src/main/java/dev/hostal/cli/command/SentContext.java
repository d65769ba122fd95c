package dev.hostal.cli.command;

import dev.hostal.cli.Session;
import dev.hostal.cli.files.BuildContext;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.UsageError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/// The context of a build on its way to the daemon: a folder that is packed as it goes, or standard input.
final class SentContext extends FilterInputStream {
    private static final String DOCKERFILE = "Dockerfile";
    /// Longest Dockerfile from standard input. Chosen.
    private static final int TEXT_MAX = 8 << 20;
    private static final int TAR_BLOCK = 512;
    private static final Pattern REMOTE = Pattern.compile("https?://|git://|ssh://|git@|github\\.com/");

    private final String dockerfile;
    private final String text;
    private final AtomicReference<Optional<IOException>> failure;

    private SentContext(InputStream in, String dockerfile, String text, AtomicReference<Optional<IOException>> failure) {
        super(in);
        this.dockerfile = dockerfile;
        this.text = text;
        this.failure = failure;
    }

    /// Its path in the context.
    String dockerfile() {
        return dockerfile;
    }

    /// What is in it, as far as it is known here.
    String text() {
        return text;
    }

    static SentContext open(Arguments arguments, Session session) throws IOException {
        var place = arguments.word("PATH");
        var file = arguments.find("file");
        if (place.equals("-")) return ofStdin(session.in(), file);
        if (isRemote(place)) return new SentContext(new ByteArrayInputStream(new byte[2 * TAR_BLOCK]),
                file.orElse(DOCKERFILE), "", new AtomicReference<>(Optional.empty()));
        var folder = Path.of(place);
        if (!Files.isDirectory(folder)) throw new IOException("There is no folder %s here.".formatted(place));
        if (file.filter("-"::equals).isPresent()) {
            return ofFolder(folder, BuildContext.OTHER, session.in().readNBytes(TEXT_MAX), true);
        }
        var path = file.map(Path::of).orElse(folder.resolve(DOCKERFILE));
        if (!Files.isRegularFile(path)) throw new IOException("There is no Dockerfile %s here.".formatted(path));
        var real = path.toRealPath();
        var top = folder.toRealPath();
        var content = Files.readAllBytes(path);
        return real.startsWith(top) ? ofFolder(folder, top.relativize(real).toString(), content, false)
                : ofFolder(folder, BuildContext.OTHER, content, true);
    }

    /// What the daemon fetches itself. Source: docker build.
    static boolean isRemote(String place) {
        return REMOTE.matcher(place).lookingAt();
    }

    private static SentContext ofFolder(Path folder, String name, byte[] content, boolean apart) throws IOException {
        var context = new BuildContext(folder, name);
        var failure = new AtomicReference<Optional<IOException>>(Optional.empty());
        var archive = new PipedInputStream(1 << 20);
        var pipe = new PipedOutputStream(archive);
        var packer = new Thread(() -> {
            try (pipe) {
                context.pack(apart ? content : new byte[0], pipe);
            } catch (IOException e) {
                failure.set(Optional.of(e));
            }
        }, "pack");
        packer.setDaemon(true);
        packer.start();
        return new SentContext(archive, name, new String(content, StandardCharsets.UTF_8), failure);
    }

    /// An archive begins with a header of tar, or as compressed files do; everything else is a Dockerfile.
    private static SentContext ofStdin(InputStream in, Optional<String> file) throws IOException {
        var none = new AtomicReference<Optional<IOException>>(Optional.empty());
        var head = in.readNBytes(TAR_BLOCK);
        if (isArchive(head)) return new SentContext(new SequenceInputStream(new ByteArrayInputStream(head), in),
                file.orElse(DOCKERFILE), "", none);
        if (file.isPresent() && !file.get().equals("-")) {
            throw new UsageError("with a Dockerfile from standard input there is no other");
        }
        var text = new ByteArrayOutputStream();
        text.write(head);
        text.write(in.readNBytes(TEXT_MAX));
        var archive = new ByteArrayOutputStream();
        BuildContext.pack(text.toByteArray(), DOCKERFILE, archive);
        return new SentContext(new ByteArrayInputStream(archive.toByteArray()), DOCKERFILE,
                text.toString(StandardCharsets.UTF_8), none);
    }

    private static boolean isArchive(byte[] head) {
        if (head.length == TAR_BLOCK && new String(head, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")) return true;
        return head.length > 6 && ((head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b
                || (head[0] & 0xff) == 0x28 && (head[1] & 0xff) == 0xb5 && head[2] == 0x2f
                || head[0] == 'B' && head[1] == 'Z' && head[2] == 'h' || (head[0] & 0xff) == 0xfd && head[1] == '7');
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        if (count < 0 && failure.get().isPresent()) throw failure.get().get();
        return count;
    }
}
