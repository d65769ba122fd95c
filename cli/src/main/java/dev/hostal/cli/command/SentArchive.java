package dev.hostal.cli.command;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.Session;
import dev.hostal.cli.files.Packing;
import dev.hostal.cli.view.OperationView;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// An archive on its way to the daemon: a file, standard input, or a folder that is packed as it goes. Shows how far it
/// is.
final class SentArchive extends FilterInputStream {
    private final OperationView view;
    private final String name;
    private final long total;
    private final AtomicReference<Optional<IOException>> failure;
    private long done;

    private SentArchive(InputStream in, String name, long total, AtomicReference<Optional<IOException>> failure,
            Session session) {
        super(in);
        this.name = name;
        this.total = total;
        this.failure = failure;
        this.view = new OperationView(session.err(), session.terminal(), session.clock()).start();
    }

    /// @param source a file or folder, or `-`
    static SentArchive open(String source, Session session) throws IOException {
        var none = new AtomicReference<Optional<IOException>>(Optional.empty());
        if (source.equals("-")) return new SentArchive(session.in(), "standard input", 0, none, session);
        var path = Path.of(source);
        if (Files.isDirectory(path)) return new SentArchive(pack(path, none), source, 0, none, session);
        if (!Files.exists(path)) throw new IOException("There is no file %s here.".formatted(source));
        return new SentArchive(Files.newInputStream(path), source, Files.size(path), none, session);
    }

    private static InputStream pack(Path folder, AtomicReference<Optional<IOException>> failure) throws IOException {
        var archive = new PipedInputStream(256 << 10);
        var pipe = new PipedOutputStream(archive);
        var packer = new Thread(() -> {
            try (pipe) {
                Packing.pack(folder, "", false, pipe);
            } catch (IOException e) {
                failure.set(Optional.of(e));
            }
        }, "pack");
        packer.setDaemon(true);
        packer.start();
        return archive;
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        if (count < 0 && failure.get().isPresent()) throw failure.get().get();
        done += Math.max(0, count);
        show(count < 0 ? "unpacking" : "sending " + name, count < 0 ? 0 : total);
        return count;
    }

    private void show(String stage, long of) {
        view.change(new OperationV1("", "", "", "running", stage, of == 0 ? 0 : done, of, Optional.empty(), "",
                Optional.empty()));
    }

    /// The daemon has taken it: nothing is shown any more.
    void end() {
        view.close();
    }

    @Override public void close() throws IOException {
        view.close();
        super.close();
    }
}
