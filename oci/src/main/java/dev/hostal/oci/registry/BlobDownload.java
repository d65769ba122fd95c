package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.layout.BlobWriter;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.WrongContentException;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/// One blob on its way from a registry into a layout. A transfer that is cut off goes on where it stopped; one
/// that brings something else than was promised starts again.
final class BlobDownload {
    /// Chosen: attempts in a row that brought nothing new.
    private static final int VAIN_ATTEMPTS_MAX = 3;
    /// Chosen: cut-offs of a line that is bad, but brings a little each time.
    private static final int ATTEMPTS_MAX = 100;

    private final Connection connection;
    private final ImageReference reference;
    private final Descriptor blob;
    private final LongConsumer progress;
    private final byte[] buffer = new byte[64 << 10];

    BlobDownload(Connection connection, ImageReference reference, Descriptor blob, LongConsumer progress) {
        this.connection = connection;
        this.reference = reference;
        this.blob = blob;
        this.progress = progress;
    }

    /// @throws RegistryException nothing of the blob is left in the layout
    void into(Blobs blobs, Deadline deadline) throws IOException, InterruptedException {
        try (var writer = blobs.create()) {
            int vain = 0;
            for (int attempt = 1; ; attempt++) {
                long before = writer.size();
                try {
                    transfer(writer, deadline);
                    writer.commit(blob);
                    return;
                } catch (RegistryException e) {
                    // A registry that went away in the middle may come back.
                    if (e.reason() != Reason.UNREACHABLE || attempt == 1) throw e;
                    giveUp(++vain, attempt, deadline, e);
                } catch (WrongContentException e) {
                    vain++;
                    restart(writer);
                    giveUp(vain, attempt, deadline, e);
                } catch (CutOff e) {
                    vain = writer.size() > before ? 0 : vain + 1;
                    giveUp(vain, attempt, deadline, e);
                }
            }
        }
    }

    /// The way broke; what arrived is good as far as anybody knows.
    private static final class CutOff extends IOException {
        private static final long serialVersionUID = 1;

        CutOff(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void giveUp(int vain, int attempt, Deadline deadline, IOException cause)
            throws RegistryException, InterruptedException {
        if (Thread.interrupted()) throw new InterruptedException();
        if (deadline.isPast()) {
            throw new RegistryException(Reason.TIMED_OUT, "time ran out while %s was downloaded".formatted(
                    reference.familiar()), cause);
        }
        if (vain >= VAIN_ATTEMPTS_MAX || attempt >= ATTEMPTS_MAX) {
            throw new RegistryException(Reason.FAILED, "registry %s does not deliver a blob of %s: %s".formatted(
                    reference.registry(), reference.familiar(), Refusals.reason(cause)), cause);
        }
    }

    private void transfer(BlobWriter writer, Deadline deadline) throws IOException, InterruptedException {
        var call = Call.get("/v2/" + reference.repository() + "/blobs/" + blob.digest(),
                Registries.pullScope(reference));
        if (writer.size() > 0) call = call.with("Range", "bytes=" + writer.size() + "-");
        var response = connection.send(call, deadline);
        try (var body = connection.guarded(response, deadline)) {
            var range = response.headers().firstValue("Content-Range").orElse("");
            switch (response.statusCode()) {
                case 200 -> {
                    if (writer.size() > 0) restart(writer);
                }
                case 206 -> {
                    if (!range.startsWith("bytes " + writer.size() + "-")) {
                        throw new WrongContentException("the registry sends another range than was asked for");
                    }
                }
                case 416 -> throw new WrongContentException("the registry has less than it said");
                default -> throw Registries.refused(reference, response.statusCode(), body);
            }
            copy(body, writer);
        }
    }

    private void copy(InputStream body, BlobWriter writer) throws IOException {
        while (true) {
            int count;
            try {
                count = body.read(buffer);
            } catch (IOException e) {
                throw new CutOff(e);
            }
            if (count < 0) break;
            if (writer.size() + count > blob.size()) {
                throw new WrongContentException("the registry sends more than the %d bytes it said".formatted(
                        blob.size()));
            }
            writer.write(buffer, 0, count);
            progress.accept(count);
        }
        if (writer.size() < blob.size()) {
            throw new CutOff(new IOException("it ended after %d of %d bytes".formatted(writer.size(), blob.size())));
        }
    }

    private void restart(BlobWriter writer) throws IOException {
        progress.accept(-writer.size());
        writer.restart();
    }
}
