package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What is wrong with a request is said with the member's name, and nothing changes.
@Timeout(30)
class BadInputTest {
    private static final String JSON = "application/json";

    private TestServer server;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
        server.engine.running("web");
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("{\"image\":\"tiny\"", "", "not well-formed JSON at line 1"),
                Arguments.of("[]", "", "must be an object"),
                Arguments.of("{}", "image", "is missing"),
                Arguments.of("{\"image\":7}", "image", "must be a string, is 7"),
                Arguments.of("{\"image\":\"tiny\",\"image\":\"tiny\"}", "", "Duplicate"),
                Arguments.of("{\"imag\":\"tiny\"}", "imag", "the nearest known name is 'image'"),
                Arguments.of("{\"image\":\"UPPER CASE\"}", "image", "is not a repository"),
                Arguments.of("{\"image\":\"tiny\",\"cpus\":\"two\"}", "cpus", "must be a whole number from 1 to 512"),
                Arguments.of("{\"image\":\"tiny\",\"cpus\":1.5}", "cpus", "must be a whole number"),
                Arguments.of("{\"image\":\"tiny\",\"cpus\":0}", "cpus", "must be a whole number from 1 to 512"),
                Arguments.of("{\"image\":\"tiny\",\"cpus\":1e400}", "cpus", "must be a whole number"),
                Arguments.of("{\"image\":\"tiny\",\"cpus\":1e999999999}", "cpus", "must be a whole number"),
                Arguments.of("{\"image\":\"tiny\",\"memory\":5}", "memory", "must be a whole number from 6291456"),
                Arguments.of("{\"image\":\"tiny\",\"memory\":9223372036854775808}", "memory", "must be a whole number"),
                Arguments.of("{\"image\":\"tiny\",\"diskSize\":-1}", "diskSize", "must be a whole number"),
                Arguments.of("{\"image\":\"tiny\",\"stopTimeout\":99999}", "stopTimeout", "from 0 to 3600"),
                Arguments.of("{\"image\":\"tiny\",\"arch\":\"vax\"}", "arch", "is not an architecture known here"),
                Arguments.of("{\"image\":\"tiny\",\"kind\":\"jail\"}", "kind", "must be one of vm, container"),
                Arguments.of("{\"image\":\"tiny\",\"boot\":\"warm\"}", "boot", "must be one of auto, command, init"),
                Arguments.of("{\"image\":\"tiny\",\"pull\":\"maybe\"}", "pull", "must be one of missing, always, never"),
                Arguments.of("{\"image\":\"tiny\",\"name\":\"../etc\"}", "name", "is not a name"),
                Arguments.of("{\"image\":\"tiny\",\"name\":\"%s\"}".formatted("x".repeat(64)), "name", "at most 63"),
                Arguments.of("{\"image\":\"tiny\",\"hostname\":\"-x-\"}", "hostname", "is not a host name"),
                Arguments.of("{\"image\":\"tiny\",\"workdir\":\"tmp\"}", "workdir", "is not absolute"),
                Arguments.of("{\"image\":\"tiny\",\"env\":{\"A=B\":\"c\"}}", "env", "is not the name of a variable"),
                Arguments.of("{\"image\":\"tiny\",\"env\":[]}", "env", "must be an object"),
                Arguments.of("{\"image\":\"tiny\",\"env\":{\"A\":1}}", "env.A", "must be a string"),
                Arguments.of("{\"image\":\"tiny\",\"command\":\"ls\"}", "command", "must be an array"),
                Arguments.of("{\"image\":\"tiny\",\"command\":[\"a\\u0000b\"]}", "command[0]", "NUL"),
                Arguments.of("{\"image\":\"tiny\",\"command\":[\"%s\"]}".formatted("x".repeat(200_000)), "command[0]",
                        "at most 131072"),
                Arguments.of("{\"image\":\"tiny\",\"tty\":\"yes\"}", "tty", "must be true or false"),
                Arguments.of("{\"image\":\"tiny\",\"labels\":{%s}}".formatted(manyMembers()), "labels", "more than 256"),
                Arguments.of("[".repeat(100_000), "", "nest"));
    }

    private static String manyMembers() {
        var members = new StringBuilder();
        for (int i = 0; i < 257; i++) {
            members.append(i == 0 ? "" : ",").append("\"l").append(i).append("\":\"\"");
        }
        return members.toString();
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aBadBodyIsRefusedWithTheMembersName(String body, String member, String said) throws IOException {
        try (var raw = server.raw()) {
            var reply = raw.ask("POST", "/v1/instances", JSON, body);
            assertThat(reply.status()).as(reply.body()).isEqualTo(400);
            var error = JsonObject.parse(reply.body());
            assertThat(error.text("code")).isEqualTo("BAD_REQUEST");
            assertThat(error.findText("member").orElse("")).isEqualTo(member);
            assertThat(error.text("message")).containsIgnoringCase(said);
            assertThat(server.engine.changes).hasValue(0);
            // The connection is still of use.
            assertThat(raw.ask("GET", "/v1/daemon").status()).isEqualTo(200);
        }
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of("GET", "/v1/nothing", 404, "NOT_FOUND", "There is nothing at /v1/nothing"),
                Arguments.of("GET", "/", 404, "NOT_FOUND", "There is nothing at"),
                Arguments.of("GET", "/v1/instances/", 404, "NOT_FOUND", "There is nothing at"),
                Arguments.of("GET", "/v1/../v1/daemon", 404, "NOT_FOUND", "There is nothing at"),
                Arguments.of("GET", "/v1/instances/web/../../../etc/passwd", 404, "NOT_FOUND", "There is nothing at"),
                Arguments.of("GET", "/v1/instances/..%2f..%2fetc", 404, "INSTANCE_NOT_FOUND", "neither a name nor an id"),
                Arguments.of("GET", "/v1/instances/%2e%2e", 404, "INSTANCE_NOT_FOUND", "neither a name nor an id"),
                Arguments.of("GET", "/v1/instances/%00", 400, "BAD_REQUEST", "not HTTP as it should be"),
                Arguments.of("GET", "/v1/instances/%zz", 400, "BAD_REQUEST", "not HTTP as it should be"),
                Arguments.of("GET", "/v1/instances/%ff", 400, "BAD_REQUEST", "UTF-8"),
                Arguments.of("GET", "/v1/instances?phase=%f", 400, "BAD_REQUEST", "percent-encoded"),
                Arguments.of("GET", "/v1/instances?phase=%ff", 400, "BAD_REQUEST", "percent-encoded UTF-8"),
                Arguments.of("GET", "/v1/instances/" + "x".repeat(3000), 400, "BAD_REQUEST", "at most 2048"),
                Arguments.of("GET", "/v1/instances?phas=running", 400, "BAD_REQUEST", "nearest known name is 'phase'"),
                Arguments.of("GET", "/v1/instances?phase=dancing", 400, "BAD_REQUEST", "'dancing' is not a phase"),
                Arguments.of("GET", "/v1/instances?phase=running&phase=paused", 400, "BAD_REQUEST", "given twice"),
                Arguments.of("GET", "/v1/daemon?x=1", 400, "BAD_REQUEST", "takes no query parameters"),
                Arguments.of("GET", "/v1/instances/web/wait?timeout=forever", 400, "BAD_REQUEST", "from 0 to 3600"),
                Arguments.of("GET", "/v1/instances/web/wait?timeout=-1", 400, "BAD_REQUEST", "from 0 to 3600"),
                Arguments.of("GET", "/v1/instances/web/logs?tail=1e9", 400, "BAD_REQUEST", "whole number"),
                Arguments.of("GET", "/v1/instances/web/logs?since=yesterday", 400, "BAD_REQUEST", "is not a time"),
                Arguments.of("GET", "/v1/instances/web/logs?follow=perhaps", 400, "BAD_REQUEST", "must be true or false"),
                Arguments.of("GET", "/v1/instances/web/files", 400, "BAD_REQUEST", "'path' must be given"),
                Arguments.of("GET", "/v1/instances/web/files?path=etc", 400, "BAD_REQUEST", "not an absolute path"),
                Arguments.of("POST", "/v1/instances/web/kill?signal=$(reboot)", 400, "BAD_REQUEST", "not the name of a signal"),
                Arguments.of("GET", "/v1/instances/web/attach", 400, "BAD_REQUEST", "is an upgrade to a WebSocket"),
                Arguments.of("GET", "/v1/instances/web/connect?port=0", 400, "BAD_REQUEST", "from 1 to 65535"),
                Arguments.of("GET", "/v1/instances/web/connect", 400, "BAD_REQUEST", "'port' must be given"),
                Arguments.of("GET", "/v1/operations/none", 404, "OPERATION_NOT_FOUND", "There is no operation 'none'"),
                Arguments.of("DELETE", "/v1/images/A%20B", 400, "BAD_REQUEST", "image"),
                Arguments.of("DELETE", "/v1/images/none", 404, "IMAGE_NOT_FOUND", "There is no image"),
                Arguments.of("GET", "/v1/events?after=-1", 400, "BAD_REQUEST", "whole number"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aBadRequestIsRefusedInWords(String method, String target, int status, String code, String said) throws IOException {
        try (var raw = server.raw()) {
            var reply = raw.ask(method, target);
            assertThat(reply.status()).as(reply.body()).isEqualTo(status);
            assertThat(reply.headers()).containsEntry("content-type", JSON);
            var error = JsonObject.parse(reply.body());
            assertThat(error.text("code")).isEqualTo(code);
            assertThat(error.text("message")).contains(said);
            assertThat(server.engine.changes).hasValue(0);
        }
    }

    @Test void anotherMethodIsToldWhichThereAre() throws IOException {
        try (var raw = server.raw()) {
            var reply = raw.ask("PATCH", "/v1/instances/web");
            assertThat(reply.status()).isEqualTo(405);
            assertThat(reply.headers()).containsEntry("allow", "DELETE, GET, HEAD");
            assertThat(JsonObject.parse(reply.body()).text("code")).isEqualTo("METHOD_NOT_ALLOWED");
            assertThat(raw.ask("HEAD", "/v1/events").headers()).containsEntry("allow", "GET");
        }
    }

    @Test void headHasTheHeadersAndNoBody() throws IOException {
        try (var raw = server.raw()) {
            var head = raw.ask("HEAD", "/v1/instances");
            assertThat(head.status()).isEqualTo(200);
            var get = raw.ask("GET", "/v1/instances");
            assertThat(head.headers()).containsEntry("content-length", String.valueOf(get.body().length()));
        }
    }

    @Test void anotherContentTypeIsRefused() throws IOException {
        try (var raw = server.raw()) {
            var reply = raw.ask("POST", "/v1/instances", "application/x-www-form-urlencoded", "image=tiny");
            assertThat(reply.status()).isEqualTo(415);
            assertThat(reply.body()).contains("UNSUPPORTED_MEDIA_TYPE", "Maybe send the header");
        }
        try (var raw = server.raw()) {
            assertThat(raw.ask("POST", "/v1/instances", "application/json; charset=utf-8", "{\"image\":\"tiny\"}").status())
                    .isEqualTo(202);
        }
        try (var raw = server.raw()) {
            assertThat(raw.ask("PUT", "/v1/instances/web/files?path=/", JSON, "{}").status()).isEqualTo(415);
        }
        try (var raw = server.raw()) {
            assertThat(raw.ask("POST", "/v1/instances/web/start", JSON, "{}").body()).contains("takes no body");
        }
    }

    @Test void aHundredMegabytesAreRefusedWithoutBeingRead() throws IOException {
        try (var raw = server.raw()) {
            raw.send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 104857600\r\n\r\n{");
            var reply = raw.reply("POST");
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.body()).contains("BODY_TOO_LARGE");
            // The rest is not read, so that the connection is of no more use.
            assertThat(raw.read()).isEqualTo(-1);
        }
    }

    @Test void aBodyInChunksIsHeldToTheSameLimit() throws IOException {
        try (var raw = server.raw()) {
            raw.send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n");
            var chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
            try {
                for (int i = 0; i < 17; i++) {
                    raw.send(chunk);
                }
            } catch (IOException _) {
                // It has heard enough, and answered.
            }
            assertThat(raw.reply("POST").status()).isEqualTo(413);
        }
        assertThat(server.engine.changes).hasValue(0);
    }

    @Test void whatIsNoHttpIsToldSoInJson() throws IOException {
        for (var garbage : new String[] {"GARBAGE\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/7.3\r\n\r\n",
                "GET /v1/daemon HTTP/1.1\r\n\r\n", "GET /v1/daemon HTTP/1.1\r\nHost: h\r\nBroken header\r\n\r\n",
                "GET /v1/daemon HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n",
                "GET /v1/daemon HTTP/1.1\r\nHost: h\r\nX: " + "y".repeat(40_000) + "\r\n\r\n"}) {
            try (var raw = server.raw()) {
                var reply = raw.send(garbage).reply("GET");
                assertThat(reply.status()).as(garbage).isBetween(400, 599).isNotEqualTo(500);
                assertThat(JsonObject.parse(reply.body()).text("code")).isEqualTo("BAD_REQUEST");
            }
        }
    }

    @Test void aBodyThatStopsHalfWayIsNotTakenForAWhole() throws Exception {
        try (var raw = server.raw()) {
            raw.send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Length: 400\r\n\r\n{\"image\":\"tiny\"}");
        }
        try (var raw = server.raw()) {
            raw.send("PUT /v1/instances/web/files?path=/ HTTP/1.1\r\nHost: h\r\nContent-Length: 400\r\n\r\nabc");
        }
        Thread.sleep(200);
        assertThat(server.engine.list()).hasSize(1);
        assertThat(server.hostal().instances()).hasSize(1);
    }

    @Test void chunksThatAreNoneAreRefused() throws IOException {
        try (var raw = server.raw()) {
            var reply = raw.send("POST /v1/instances HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n").reply("POST");
            assertThat(reply.status()).as(reply.body()).isEqualTo(400);
            assertThat(JsonObject.parse(reply.body()).text("code")).isEqualTo("BAD_REQUEST");
        }
    }

    @Test void requestsMayFollowEachOtherWithoutWaiting() throws IOException {
        try (var raw = server.raw()) {
            raw.send("GET /v1/daemon HTTP/1.1\r\nHost: h\r\n\r\n".repeat(50));
            for (int i = 0; i < 50; i++) {
                assertThat(raw.reply("GET").status()).isEqualTo(200);
            }
        }
    }

    @Test void aWebSocketMustSpeakOurProtocol() throws IOException {
        try (var raw = server.raw()) {
            raw.send("GET /v1/instances/web/attach HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            var reply = raw.reply("GET");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.body()).contains("hostal.channels.v1");
        }
    }
}
