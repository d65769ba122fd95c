package dev.hostal.daemon.http;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What builds ask their clients for while they run: SSH agents, and further contexts. A build tells the name of a talk in its
/// reply, and its client opens the WebSocket of that name.
/// ```
///   build --hold--> waiting --reply: "agent", name--> client --GET /v1/build-talks/{name}--> Joined.Talk <--bytes--> build
/// ```
final class BuildTalks {
    /// How long a client may take to open what it was asked for. Chosen.
    private static final Duration COMING_MAX = Duration.ofSeconds(30);

    private final Map<String, Talk> waiting = new ConcurrentHashMap<>();

    /// Says the name of a talk to a client.
    @FunctionalInterface
    interface Announcement {
        void say(String name) throws IOException;
    }

    /// Bytes both ways, until either side ends it.
    static final class Talk {
        private final InputStream toClient;
        private final OutputStream fromClient;
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch whole = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);

        Talk(InputStream toClient, OutputStream fromClient) {
            this.toClient = toClient;
            this.fromClient = fromClient;
        }

        InputStream toClient() {
            return toClient;
        }

        OutputStream fromClient() {
            return fromClient;
        }

        /// The client has said everything.
        void endOfClient() throws IOException {
            whole.countDown();
            fromClient.close();
        }

        void end() {
            ended.countDown();
        }
    }

    /// Lets bytes go to a client and come from it, until the talk has ended.
    ///
    /// @throws IOException the client did not open it
    void hold(InputStream toClient, OutputStream fromClient, Announcement announcement) throws IOException, InterruptedException {
        hold(new Talk(toClient, fromClient), announcement);
    }

    private void hold(Talk talk, Announcement announcement) throws IOException, InterruptedException {
        var name = UUID.randomUUID().toString();
        waiting.put(name, talk);
        try {
            announcement.say(name);
            if (!talk.begun.await(COMING_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("the client did not open what it was asked for");
            }
        } finally {
            waiting.remove(name);
        }
        talk.ended.await();
    }

    /// What a client sends; its end is an error where the client had not said everything.
    InputStream receive(Announcement announcement) throws IOException {
        var pipe = Pipe.open();
        var sink = Channels.newOutputStream(pipe.sink());
        // Nothing goes to the client: that stream ends when everything has come.
        var done = new CountDownLatch(1);
        var talk = new Talk(new Silence(done), sink);
        var holder = Thread.ofVirtual().name("build-context").start(() -> {
            try (sink) {
                hold(talk, announcement);
            } catch (IOException _) {
                // Whoever reads notices that not everything has come.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        return new FilterInputStream(Channels.newInputStream(pipe.source())) {
            @Override public int read() throws IOException {
                return ended(super.read());
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                return ended(super.read(bytes, offset, length));
            }

            private int ended(int count) throws IOException {
                if (count < 0 && talk.whole.getCount() > 0) {
                    throw new IOException("the client went away before it had sent everything");
                }
                return count;
            }

            @Override public void close() throws IOException {
                done.countDown();
                holder.interrupt();
                super.close();
            }
        };
    }

    /// The WebSocket of a talk that waits for it.
    ChannelSocket.Opening open(Call call) {
        var name = call.value("talk");
        if (!waiting.containsKey(name)) throw new Problem(ErrorCode.NOT_FOUND, "No build waits for a talk %s.".formatted(name));
        return _ -> {
            var talk = waiting.remove(name);
            if (talk == null) throw new Problem(ErrorCode.NOT_FOUND, "No build waits for a talk %s any more.".formatted(name));
            talk.begun.countDown();
            return new Joined.Talk(talk);
        };
    }

    /// Has nothing to say, and ends when it is told to.
    private static final class Silence extends InputStream {
        private final CountDownLatch done;

        Silence(CountDownLatch done) {
            this.done = done;
        }

        @Override public int read() throws IOException {
            try {
                done.await();
                return -1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
