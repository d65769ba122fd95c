package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.BuildSteps;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs nothing, but does what a few words say: `write NAME TEXT`, `fail CODE SAYING`, `nothing`.
final class FakeSteps implements BuildSteps {
    final List<Step> ran = new CopyOnWriteArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Path folder;

    FakeSteps(Path folder) {
        this.folder = folder;
    }

    @Override public <V> V run(Step step, Output output, Written<V> written, Deadline deadline)
            throws IOException, InterruptedException {
        ran.add(step);
        var upper = Files.createDirectories(folder.resolve("upper-" + count.incrementAndGet()));
        var words = step.program().argv().getLast().split(" ", 3);
        var said = "ran " + step.program().argv().getLast() + "\n";
        int status = 0;
        switch (words[0]) {
            case "write" -> {
                var file = upper.resolve(words[1]);
                Files.createDirectories(file.getParent());
                Files.writeString(file, words[2]);
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
                // What a runtime leaves of its mounts.
                Files.createDirectories(upper.resolve("proc"));
                Files.writeString(Files.createDirectories(upper.resolve("etc")).resolve("hosts"), "");
            }
            case "fail" -> {
                status = Integer.parseInt(words[1]);
                said = words[2] + "\n";
            }
            default -> { }
        }
        output.read(stream(said), InputStream.nullInputStream());
        return written.read(new ExitStatus(status), upper);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
