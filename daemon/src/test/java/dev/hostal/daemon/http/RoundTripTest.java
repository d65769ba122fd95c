package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.EventV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.client.ApiException;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.MachineLogs.Stream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every call of the client against the real server.
@Timeout(30)
class RoundTripTest {
    private TestServer server;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    @Test void theDaemonSaysWhatItIs() throws IOException {
        assertThat(server.hostal().daemon().build()).isEqualTo("test");
        server.hostal().stopDaemon();
        // It is answered first, and then done.
        Eventually.holds(() -> server.stops.get() == 1);
        assertThat(server.hostal().doctor()).singleElement().satisfies(probe -> assertThat(probe.name()).isEqualTo("kvm"));
    }

    @Test void anInstanceIsCreatedShownRenamedAndDeleted() throws IOException {
        var operation = server.hostal().create(wanted(Optional.of("web")));
        assertThat(operation.verb()).isEqualTo("instance.create");
        var shown = server.hostal().instance("web");
        assertThat(shown.id()).isEqualTo(operation.target());
        assertThat(shown.hostname()).isEqualTo("web");
        assertThat(shown.memory()).isEqualTo(512L << 20);
        assertThat(server.hostal().instance(shown.id().substring(0, 12))).isEqualTo(shown);
        assertThat(server.hostal().rename("web", "site").name()).isEqualTo("site");
        assertThat(server.hostal().instances()).singleElement().satisfies(one -> assertThat(one.name()).isEqualTo("site"));
        server.hostal().delete("site", false);
        assertThat(server.hostal().instances()).isEmpty();
    }

    @Test void aNameIsMadeUpUntilOneIsFree() throws IOException {
        for (int i = 0; i < 50; i++) {
            server.hostal().create(wanted(Optional.empty()));
        }
        assertThat(server.hostal().instances()).extracting(one -> one.name()).doesNotHaveDuplicates().hasSize(50)
                .allMatch(name -> name.matches("[a-z]+-[a-z]+-\\d+"));
    }

    @Test void imagesComeAndGo() throws IOException {
        var hostal = server.hostal();
        var details = hostal.image("debian:12", Optional.empty());
        assertThat(details.image()).isEqualTo(hostal.images().getFirst());
        assertThat(details.platforms()).containsExactly("x86_64");
        assertThat(details.history()).singleElement().satisfies(step -> assertThat(step.createdBy()).isEqualTo("mmdebstrap"));
        assertThat(details.config().text("os")).isEqualTo("linux");
        hostal.tag("debian:12", "r.example:5000/debian:12");
        assertThat(hostal.push("debian:12", Optional.of("r.example:5000/x:1"), Optional.of("aarch64"),
                Optional.of("gzip")).target())
                .isEqualTo("r.example:5000/x:1");
        assertThat(hostal.pruneImages(true).images()).containsExactly("debian:12");
        var login = new RegistryLoginV1("r.example:5000", Optional.of("ann"), Optional.of("päss"), Optional.empty());
        hostal.checkLogin(login);
        assertThat(hostal.as(login).pull("r.example:5000/x:1", Optional.empty()).target()).isEqualTo("r.example:5000/x:1");
        assertThatThrownBy(() -> hostal.checkLogin(new RegistryLoginV1("r", Optional.of("ann"), Optional.of("wrong"),
                Optional.empty()))).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> hostal.checkLogin(new RegistryLoginV1("r.example", Optional.of("ann"), Optional.empty(),
                Optional.empty()))).isInstanceOf(ApiException.class).hasMessageContaining("username and a password");
        try (var archive = hostal.saveImages(List.of("debian:12"), Map.of("form", "oci"))) {
            assertThat(new String(archive.readAllBytes())).isEqualTo("OCI [docker.io/library/debian:12]");
        }
        assertThat(hostal.loadImages(new ByteArrayInputStream(new byte[5 << 20]), Optional.empty())).hasSize(1);
        assertThat(hostal.importImage(new ByteArrayInputStream(new byte[5 << 20]), Map.of("name", "a:1", "program",
                "{\"command\":[\"sh\"]}")).references()).containsExactly("debian:12");

        assertThatThrownBy(() -> hostal.saveImages(List.of("nothing"), Map.of()))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("IMAGE_NOT_FOUND"));
        assertThatThrownBy(() -> hostal.saveImages(List.of("debian:12"), Map.of("form", "zip")))
                .hasMessageContaining("'docker' or 'oci'");
        assertThatThrownBy(() -> hostal.loadImages(new ByteArrayInputStream("bad".getBytes()), Optional.empty()))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("BAD_ARCHIVE"));
        assertThatThrownBy(() -> hostal.importImage(new ByteArrayInputStream(new byte[1]), Map.of("name", "a:1", "program",
                "{\"comand\":[]}"))).hasMessageContaining("comand");
    }

    @Test void refusalsArriveWithTheirCode() throws IOException {
        server.engine.running("web");
        assertThatThrownBy(() -> server.hostal().create(wanted(Optional.of("web"))))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("NAME_IN_USE"));
        assertThatThrownBy(() -> server.hostal().delete("web", false)).hasMessageContaining("Maybe stop it first.");
        assertThatThrownBy(() -> server.hostal().instance("nobody"))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("INSTANCE_NOT_FOUND"));
        assertThatThrownBy(() -> server.hostal().instance("../../etc/passwd"))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("INSTANCE_NOT_FOUND"));
    }

    @Test void verbsBecomeOperations() throws IOException {
        server.engine.running("web");
        for (var verb : List.of("start", "stop", "kill", "restart", "pause", "resume")) {
            assertThat(server.hostal().act("web", verb, Map.of()).verb()).isEqualTo("instance." + verb);
        }
        server.hostal().act("web", "stop", Map.of("timeout", "5"));
        server.hostal().act("web", "kill", Map.of("signal", "SIGUSR1"));
        assertThat(server.hostal().operations()).hasSize(8);
    }

    @Test void anOperationIsFollowedToItsEnd() throws Exception {
        server.engine.running("web");
        var begun = server.hostal().act("web", "start", Map.of());
        var seen = new ArrayList<OperationV1>();
        var followed = CompletableFuture.supplyAsync(() -> follow(begun, seen));
        awaitSize(seen, 1);
        server.engine.operations.progress(begun.id(), "booting", 1, 3);
        awaitSize(seen, 2);
        Thread.sleep(300);      // heartbeats pass meanwhile
        server.engine.operations.end(begun.id(), Operation.Status.SUCCEEDED, Optional.empty());
        assertThat(followed.get().status()).isEqualTo("succeeded");
        assertThat(seen).extracting(OperationV1::stage).containsExactly("beginning", "booting", "booting");
    }

    @Test void aFailedOperationIsTheApisOwnError() throws IOException {
        server.engine.running("web");
        var begun = server.hostal().act("web", "start", Map.of());
        server.engine.operations.end(begun.id(), Operation.Status.FAILED,
                Optional.of(new Problem(ErrorCode.GUEST_NOT_READY, "It stopped at the kernel.")));
        assertThatThrownBy(() -> server.hostal().follow(begun, _ -> {}))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("GUEST_NOT_READY"));
        var other = server.hostal().act("web", "stop", Map.of());
        server.hostal().cancel(other.id());
        assertThatThrownBy(() -> server.hostal().follow(other, _ -> {}))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("CANCELLED"));
    }

    @Test void eventsComeInOrderAndFromBefore() throws IOException {
        server.engine.events.publish("instance.created", "a");
        server.engine.events.publish("image.pulled", "b");
        server.engine.events.publish("instance.phase", "a");
        var seen = new ArrayList<EventV1>();
        server.hostal().events(Map.of("after", "0", "type", "instance"), event -> seen.add(event) && seen.size() < 2);
        assertThat(seen).extracting(EventV1::sequence).containsExactly(1L, 3L);
        assertThat(seen.getFirst().attributes()).containsEntry("by", "test");
    }

    @Test void waitReturnsTheExitStatus() throws Exception {
        var instance = server.engine.running("web");
        var waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return server.hostal().waitForExit("web");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Thread.sleep(100);
        assertThat(waiting).isNotDone();
        server.engine.kill(instance.id(), "KILL");
        assertThat(waiting.get()).isEqualTo(137);
    }

    @Test void logsComeInPieces() throws Exception {
        server.engine.running("web");
        server.engine.logs.write(Stream.STDOUT, "one\ntwo\nth");
        server.engine.logs.write(Stream.STDERR, "ree\nfour");
        server.engine.logs.write(Stream.CONSOLE, "kernel\n");
        assertThat(log(Map.of())).isEqualTo("one\ntwo\nthree\nfour");
        assertThat(log(Map.of("tail", "2"))).isEqualTo("three\nfour");
        assertThat(log(Map.of("tail", "9"))).isEqualTo("one\ntwo\nthree\nfour");
        assertThat(log(Map.of("tail", "0"))).isEmpty();
        assertThat(log(Map.of("console", "true"))).isEqualTo("kernel\n");
        assertThat(log(Map.of("since", "1970-01-01T00:00:01Z"))).isEqualTo("ree\nfour");
        var followed = CompletableFuture.supplyAsync(() -> log(Map.of("follow", "true", "tail", "1")));
        Thread.sleep(300);      // heartbeats pass meanwhile
        server.engine.logs.write(Stream.STDOUT, "!\n");
        server.engine.logs.end();
        assertThat(followed.get()).isEqualTo("four!\n");
        // The reader is closed just after the last byte was sent.
        Eventually.holds(() -> server.engine.logs.readers.get() == 0);
    }

    @Test void filesPassInBothDirections() throws IOException {
        var instance = server.engine.running("web");
        var bytes = new byte[3 << 20];
        new Random(3).nextBytes(bytes);
        server.engine.files = bytes;
        try (var tar = server.hostal().readFiles("web", "/root")) {
            assertThat(tar.readAllBytes()).isEqualTo(bytes);
        }
        server.hostal().writeFiles("web", "/root", new ByteArrayInputStream(bytes));
        assertThat(server.engine.written.get(instance.id())).isEqualTo(bytes);
    }

    @Test void halfAnArchiveIsNotTakenForAWhole() throws IOException {
        server.engine.running("web");
        assertThatThrownBy(() -> server.hostal().readFiles("web", "/missing")).hasMessageContaining("There is no /missing");
        try (var tar = server.hostal().readFiles("web", "/torn")) {
            assertThatThrownBy(tar::readAllBytes).isInstanceOf(IOException.class);
        }
        var large = new ByteArrayInputStream(new byte[8 << 20]);
        assertThatThrownBy(() -> server.hostal().writeFiles("web", "/missing", large))
                .hasMessageContaining("There is no folder /missing");
    }

    @Test void imagesAreListedPulledAndDeleted() throws IOException {
        assertThat(server.hostal().images()).singleElement().satisfies(image ->
                assertThat(image.references()).containsExactly("debian:12"));
        assertThat(server.hostal().pull("alpine", Optional.of("aarch64")).target()).isEqualTo("alpine:latest");
        server.hostal().deleteImage("docker.io/library/debian:12");
        assertThatThrownBy(() -> server.hostal().deleteImage("localhost:5000/a/b:1"))
                .hasMessageContaining("localhost:5000/a/b:1");
    }

    @Test void statsAreOfTheInstance() throws IOException {
        Instance instance = server.engine.running("web");
        var stats = server.hostal().stats("web");
        assertThat(new InstanceId(stats.id())).isEqualTo(instance.id());
        assertThat(stats.cpuNanos()).isEqualTo(3_000_000_000L);
    }

    private OperationV1 follow(OperationV1 begun, List<OperationV1> seen) {
        try {
            return server.hostal().follow(begun, change -> {
                synchronized (seen) {
                    seen.add(change);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitSize(List<?> list, int size) throws InterruptedException {
        while (true) {
            synchronized (list) {
                if (list.size() >= size) return;
            }
            Thread.sleep(5);
        }
    }

    private String log(Map<String, String> query) {
        var text = new StringBuilder();
        try {
            server.hostal().logs("web", query, (JsonObject piece) ->
                    text.append(new String(Base64.getDecoder().decode(piece.text("data")))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static CreateInstanceV1 wanted(Optional<String> name) {
        var json = new JsonObject().put("image", "debian:12");
        name.ifPresent(text -> json.put("name", text));
        return CreateInstanceV1.from(json);
    }
}
