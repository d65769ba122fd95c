package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// One blob on its way from a layout to a registry: not at all where it is there, mounted where another repository
/// has it, else sent. A transfer that is cut off goes on where the registry says that it stopped.
///
/// Source: OCI distribution-spec, "Pushing Blobs": mounting, POST then PATCH then PUT.
final class BlobUpload {
    /// Chosen: attempts in a row that brought nothing new.
    private static final int VAIN_ATTEMPTS_MAX = 3;
    /// Chosen: cut-offs of a line that is bad, but brings a little each time.
    private static final int ATTEMPTS_MAX = 100;
    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-(\\d{1,18})");

    private final Connection connection;
    private final ImageReference reference;
    private final Descriptor blob;
    private final LongConsumer progress;
    private final String scope;
    private final String repository;
    /// Where the registry wants the bytes; empty before it was asked.
    private Optional<String> place = Optional.empty();
    /// Bytes that the registry has, as far as known, and bytes that were told of.
    private long stored;
    private long told;

    BlobUpload(Connection connection, ImageReference reference, Descriptor blob, LongConsumer progress) {
        this.connection = connection;
        this.reference = reference;
        this.blob = blob;
        this.progress = progress;
        this.scope = Registries.pushScope(reference);
        this.repository = "/v2/" + reference.repository() + "/blobs/";
    }

    /// @param elsewhere repositories of this registry that may have the blob
    /// @throws RegistryException what came through is left to the registry, which forgets it in time
    void from(Blobs blobs, Set<String> elsewhere, Deadline deadline) throws IOException, InterruptedException {
        if (isThere(deadline) || isMounted(elsewhere, deadline)) {
            tell(blob.size());
            return;
        }
        int vain = 0;
        for (int attempt = 1; ; attempt++) {
            long before = stored;
            try {
                if (place.isEmpty()) begin(deadline);
                if (stored < blob.size()) transfer(blobs, deadline);
                if (stored == blob.size()) {
                    finish(deadline);
                    tell(blob.size());
                    return;
                }
            } catch (RegistryException e) {
                boolean again = e.reason() == Reason.FAILED || e.reason() == Reason.UNREACHABLE && attempt > 1;
                vain = stored > before ? 0 : vain + 1;
                if (!again || vain >= VAIN_ATTEMPTS_MAX || attempt >= ATTEMPTS_MAX || deadline.isPast()) throw e;
                askHowFar(deadline);
                vain = stored > before ? 0 : vain;
            }
        }
    }

    private boolean isThere(Deadline deadline) throws IOException, InterruptedException {
        var known = connection.send(Call.head(repository + blob.digest(), scope), deadline);
        known.body().close();
        return known.statusCode() == 200;
    }

    private boolean isMounted(Set<String> elsewhere, Deadline deadline) throws IOException, InterruptedException {
        if (elsewhere.isEmpty()) return false;
        var other = elsewhere.stream().sorted().findFirst().orElseThrow();
        var both = scope + " repository:" + other + ":pull";
        var reply = connection.send(Call.post(repository + "uploads/?mount=" + blob.digest() + "&from=" + other, both),
                deadline);
        reply.body().close();
        if (reply.statusCode() == 201) return true;
        // It has no such blob there, or does not let us see it: it offers a place instead, as if asked for one.
        if (reply.statusCode() == 202) place = reply.headers().firstValue("Location");
        return false;
    }

    private void begin(Deadline deadline) throws IOException, InterruptedException {
        var reply = connection.send(Call.post(repository + "uploads/", scope), deadline);
        requireStatus(reply, 202);
        stored = 0;
        moved(reply);
    }

    /// Sends what the registry does not have yet.
    private void transfer(Blobs blobs, Deadline deadline) throws IOException, InterruptedException {
        long from = stored;
        long length = blob.size() - from;
        var upload = new Upload(() -> open(blobs, blob, from), length, count -> {
            told += count;
            progress.accept(count);
        });
        tell(from);
        var call = Call.patch(place.orElseThrow(), scope, upload).with("Content-Type", "application/octet-stream");
        // The first piece is sent as a stream, as docker does: some registries take no other.
        if (from > 0) call = call.with("Content-Range", "%d-%d".formatted(from, blob.size() - 1));
        var reply = connection.send(call, deadline);
        requireStatus(reply, 202);
        moved(reply);
        stored = range(reply).orElse(blob.size());
    }

    private static InputStream open(Blobs blobs, Descriptor blob, long from) throws IOException {
        var in = blobs.open(blob.digest());
        try {
            in.skipNBytes(from);
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private void finish(Deadline deadline) throws IOException, InterruptedException {
        var location = place.orElseThrow();
        var target = location + (location.contains("?") ? "&" : "?") + "digest=" + blob.digest();
        var reply = connection.send(Call.put(target, scope, Upload.of(new byte[0]))
                .with("Content-Type", "application/octet-stream"), deadline);
        try {
            requireStatus(reply, 201);
        } catch (RegistryException e) {
            // Not the bytes that the digest names: whatever is there, it is of no use.
            place = Optional.empty();
            throw e;
        }
    }

    /// After a failure: goes on where the registry stands, or begins anew where it does not say.
    private void askHowFar(Deadline deadline) throws IOException, InterruptedException {
        if (place.isPresent()) {
            var reply = connection.send(Call.get(place.get(), scope), deadline);
            reply.body().close();
            if (reply.statusCode() == 204) {
                reply.headers().firstValue("Location").ifPresent(location -> place = Optional.of(location));
                // "0-0" is what registries say of nothing.
                stored = range(reply).filter(end -> end > 1 && end <= blob.size()).orElse(0L);
                tell(stored);
                if (stored > 0) return;
            }
        }
        place = Optional.empty();
        stored = 0;
        tell(0);
    }

    private void moved(HttpResponse<?> reply) throws RegistryException {
        var location = reply.headers().firstValue("Location").filter(text -> !text.isEmpty());
        if (location.isEmpty() && place.isEmpty()) {
            throw new RegistryException(Reason.FAILED, "registry %s names no place for an upload".formatted(
                    reference.registry()));
        }
        place = location.or(() -> place);
    }

    /// How many bytes the registry says that it has.
    private static Optional<Long> range(HttpResponse<?> reply) {
        var matcher = RANGE.matcher(reply.headers().firstValue("Range").orElse(""));
        return matcher.matches() ? Optional.of(Long.parseLong(matcher.group(1)) + 1) : Optional.empty();
    }

    private void requireStatus(HttpResponse<InputStream> reply, int status) throws IOException {
        try (var body = reply.body()) {
            if (reply.statusCode() != status) throw Registries.notTaken(reference, reply.statusCode(), body);
        }
    }

    private void tell(long bytes) {
        if (bytes != told) progress.accept(bytes - told);
        told = bytes;
    }
}
