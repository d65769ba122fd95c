package dev.hostal.agent;

import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The console as QEMU writes it: bytes without times, so that each piece has the time of the file's last change.
final class ConsoleReader extends LogFollower {
    private static final int PIECE_MAX = 32768;

    private final Path log;
    private Optional<FileChannel> file = Optional.empty();

    ConsoleReader(Path log, boolean follow, BooleanSupplier running) {
        super(follow, running);
        this.log = log;
    }

    @Override Optional<MachineLogs.Piece> poll() throws IOException {
        if (file.isEmpty()) {
            if (!Files.exists(log)) return Optional.empty();
            file = Optional.of(FileChannel.open(log, StandardOpenOption.READ));
            file.get().position(LogHead.of(log).offset());
        }
        var buffer = ByteBuffer.allocate(PIECE_MAX);
        long offset = file.get().position();
        if (file.get().read(buffer) <= 0) return Optional.empty();
        var bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        var time = Files.getLastModifiedTime(log).toInstant();
        return Optional.of(new MachineLogs.Piece(offset, time, MachineLogs.Stream.CONSOLE, bytes));
    }

    @Override public void close() {
        if (file.isEmpty()) return;
        try {
            file.get().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
