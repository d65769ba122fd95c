package dev.hostal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Other people's programs, to compare ours with.
final class Tools {
    private Tools() {}

    /// Runs one that must succeed.
    ///
    /// @return its standard output
    static byte[] run(String... argv) throws IOException, InterruptedException {
        return run(new byte[0], argv);
    }

    static byte[] run(byte[] stdin, String... argv) throws IOException, InterruptedException {
        var process = new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.PIPE).start();
        var errors = new CompletableFuture<byte[]>();
        Thread.ofVirtual().start(() -> {
            try {
                errors.complete(process.getErrorStream().readAllBytes());
            } catch (IOException e) {
                errors.completeExceptionally(e);
            }
        });
        Thread.ofVirtual().start(() -> {
            try (var in = process.getOutputStream()) {
                in.write(stdin);
            } catch (IOException _) {
                // It read enough.
            }
        });
        var output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as("%s: %s", List.of(argv), new String(errors.join(), StandardCharsets.UTF_8))
                .isZero();
        return output;
    }
}
