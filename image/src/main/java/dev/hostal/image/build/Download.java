package dev.hostal.image.build;

import dev.hostal.base.Cause;
import dev.hostal.base.Deadline;
import dev.hostal.image.build.FileTree.Content;
import dev.hostal.oci.layer.LayerNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What a URL leads to. Source: Dockerfile reference, "ADD", and BuildKit's source of http.
///
/// @param name that its path ends with
/// @param size in bytes
/// @param mtime in seconds: when the server says it was changed, else 0
record Download(String name, Content content, long size, long mtime) {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(30);
    private static final Duration HEAD_MAX = Duration.ofMinutes(2);
    /// Source: Go's http.Client.
    private static final int REDIRECTS_MAX = 10;
    /// The name of what has none. Source: BuildKit.
    private static final String UNNAMED = "__unnamed__";

    /// @throws BuildException it is not there, or did not come in time
    static Download of(String url, Spool spool, Deadline deadline) throws IOException, InterruptedException {
        var uri = uri(url);
        try (var client = HttpClient.newBuilder().connectTimeout(CONNECT_MAX)
                .followRedirects(HttpClient.Redirect.NEVER).build()) {
            var reply = reply(client, uri, url);
            try (var body = reply.body()) {
                if (reply.statusCode() != 200) {
                    throw new BuildException("%s: the server answered with status %d".formatted(url,
                            reply.statusCode()));
                }
                var content = read(body, spool, url, deadline);
                var last = LayerNames.last(Names.clean(Names.ofText(Optional.ofNullable(uri.getPath()).orElse(""))));
                long size;
                try (var in = content.open()) {
                    size = in.skip(Long.MAX_VALUE);
                }
                return new Download(last.isEmpty() ? UNNAMED : last, content, size,
                        reply.headers().firstValue("last-modified").map(Download::time).orElse(0L));
            }
        } catch (IOException e) {
            throw new BuildException("%s was not fetched: %s".formatted(url,
                    Optional.ofNullable(e.getMessage()).orElse(e.toString())), e);
        }
    }

    private static URI uri(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new BuildException("%s is no URL: %s".formatted(url, e.getMessage()), e);
        }
    }

    /// Follows what the server says, but never from https to http.
    private static HttpResponse<InputStream> reply(HttpClient client, URI first, String url)
            throws IOException, InterruptedException {
        var uri = first;
        for (int redirects = 0; ; redirects++) {
            var reply = client.send(HttpRequest.newBuilder(uri).timeout(HEAD_MAX).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            var location = reply.headers().firstValue("location");
            if (reply.statusCode() / 100 != 3 || location.isEmpty()) return reply;
            reply.body().close();
            if (redirects == REDIRECTS_MAX) {
                throw new BuildException("%s: stopped after %d redirects".formatted(url, REDIRECTS_MAX));
            }
            var next = uri.resolve(uri(location.get()));
            if (!Fetching.isUrl(next.toString()) || uri.getScheme().equals("https") && !next.getScheme().equals("https")) {
                throw new BuildException("%s leads to %s, where it may not lead".formatted(url, next));
            }
            uri = next;
        }
    }

    /// On a thread of its own: a server that falls silent does not hold up the build for ever.
    private static Content read(InputStream body, Spool spool, String url, Deadline deadline)
            throws IOException, InterruptedException {
        var reading = new FutureTask<>(() -> spool.keep(body::transferTo));
        var thread = Thread.ofVirtual().name("download").start(reading);
        try {
            var content = reading.get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            spool.flush();
            return content;
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        } catch (TimeoutException e) {
            throw new BuildException("%s did not come in time".formatted(url), e);
        } finally {
            body.close();
            thread.interrupt();
            thread.join(CONNECT_MAX);
        }
    }

    private static long time(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
        } catch (DateTimeParseException _) {
            return 0;
        }
    }
}
