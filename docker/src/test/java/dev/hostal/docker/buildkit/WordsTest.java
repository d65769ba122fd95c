package dev.hostal.docker.buildkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.model.Arch;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.spi.BuildCaller;
import dev.hostal.spi.BuildSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The messages of the protocols, and what the frontend's attributes mean.
class WordsTest {
    private static final long GO_DIR = 1L << 31;

    @Test void packetsThereAndBack() throws Exception {
        var stat = new FileStat("a/\u00ff", 0644, 1, 2, 3, 4_000_000_000L, "", 0, 0, Map.of());
        for (var packet : List.of(new Packet.Stat(Optional.of(stat)), new Packet.Stat(Optional.empty()),
                new Packet.Request(70_000), new Packet.Request(0), new Packet.Fin(), new Packet.Err("no"))) {
            assertThat(Packet.parse(packet.toBytes())).isEqualTo(packet);
        }
        var data = (Packet.Data) Packet.parse(new Packet.Data(5, new byte[] {1, 2}).toBytes());
        assertThat(data.id()).isEqualTo(5);
        assertThat(data.bytes()).containsExactly(1, 2);
        assertThatThrownBy(() -> Packet.parse(new ProtoWriter().number(1, 9).toBytes())).isInstanceOf(GrpcException.class);
    }

    @Test void filesAsArchivesHaveThem() {
        assertThat(stat(GO_DIR | 1L << 20 | 0755, "").toEntry(0).orElseThrow()).satisfies(entry -> {
            assertThat(entry.type()).isEqualTo(TarEntry.Type.DIRECTORY);
            assertThat(entry.attributes().mode()).isEqualTo(01755);
            assertThat(entry.name()).isEqualTo("f/");
        });
        assertThat(stat(1L << 23 | 0755, "").toEntry(9).orElseThrow().attributes().mode()).isEqualTo(04755);
        assertThat(stat(0644, "").toEntry(9).orElseThrow().size()).isEqualTo(9);
        assertThat(stat(0644, "other").toEntry(9).orElseThrow().type()).isEqualTo(TarEntry.Type.HARD_LINK);
        assertThat(stat(1L << 27 | 0777, "to").toEntry(0).orElseThrow().linkName()).isEqualTo("to");
        assertThat(stat(1L << 24, "").toEntry(0)).as("sockets are not in archives").isEmpty();
        assertThat(stat(0644, "").toEntry(0).orElseThrow().attributes().mtime()).isEqualTo(5);
    }

    private static FileStat stat(long mode, String link) {
        return new FileStat("f", mode, 0, 0, 9, 5_999_999_999L, link, 0, 0, Map.of());
    }

    @Test void modesOfArchivesAndBack() {
        for (int mode : new int[] {0644, 04755, 02755, 01777}) {
            var entry = stat(mode & 0777 | (mode & 04000) << 12 | (mode & 02000) << 12 | (mode & 01000) << 11, "")
                    .toEntry(9).orElseThrow();
            assertThat(entry.attributes().mode()).isEqualTo(mode);
            assertThat(FileStat.of(entry, "f").toEntry(9).orElseThrow().attributes().mode()).isEqualTo(mode);
        }
    }

    @Test void metadataThatIsNotPlainIsEncoded() {
        assertThat(Metadata.encode(Map.of("a", List.of("x", "*.y")))).isEqualTo(Map.of("a", List.of("x", "*.y")));
        assertThat(Metadata.encode(Map.of("a", List.of("ü b", "c"))))
                .isEqualTo(Map.of("a", List.of("%C3%BC+b", "c"), "a-encoded", List.of("1")));
        assertThat(Metadata.encode(Map.of("a", List.of()))).isEmpty();
    }

    @Test void aSolveRequestAsClientsSendIt() throws Exception {
        var message = new ProtoWriter().text(1, "ref").text(3, "local").map(4, Map.of("k", "v")).text(5, "session")
                .text(6, "dockerfile.v0")
                .map(7, Map.of("target", "x")).message(8, new ProtoWriter()).texts(9, List.of("network.host"));
        var wanted = SolveRequest.parse(message.toBytes());
        assertThat(wanted.exporters()).containsExactly(new SolveRequest.Exporter("local", Map.of("k", "v")));
        assertThat(wanted.attributes()).containsEntry("target", "x");
        assertThat(wanted.definition()).isFalse();
        var both = SolveRequest.parse(message.message(13,
                new ProtoWriter().text(1, "moby").map(2, Map.of("name", "a,b"))).toBytes());
        assertThat(both.exporters()).as("the new member counts")
                .containsExactly(new SolveRequest.Exporter("moby", Map.of("name", "a,b")));
        assertThat(Exports.names(both).stream().map(name -> name.familiar()).toList()).containsExactly("a:latest", "b:latest");
    }

    @Test void attributesOfTheFrontend() throws Exception {
        var attributes = new LinkedHashMap<String, String>();
        attributes.put("filename", "D");
        attributes.put("build-arg:A", "1");
        attributes.put("label:l", "v");
        attributes.put("platform", "linux/arm64");
        attributes.put("no-cache", "");
        attributes.put("image-resolve-mode", "pull");
        attributes.put("force-network-mode", "none");
        attributes.put("add-hosts", "db=10.0.0.2,six=fd00::1");
        attributes.put("shm-size", "1048576");
        attributes.put("ulimit", "nofile=1:2,nproc=3");
        attributes.put("vcs:source", "ignored");
        var spec = FrontendRequest.of("dockerfile.v0", attributes, false, false)
                .toSpec(List.of(), BuildCaller.NOBODY, Optional.of("FROM x"), List.of("network.host"),
                Optional.of(Arch.AARCH64), BuildSpec.SharedSteps.NONE);
        assertThat(spec.dockerfile()).isEqualTo("D");
        assertThat(spec.arguments()).isEqualTo(Map.of("A", "1"));
        assertThat(spec.labels()).isEqualTo(Map.of("l", "v"));
        assertThat(spec.arch()).contains(Arch.parse("aarch64"));
        assertThat(spec.noCache()).isTrue();
        assertThat(spec.pull()).isTrue();
        assertThat(spec.network()).isEqualTo("none");
        assertThat(spec.asked().hosts()).containsExactly("db:10.0.0.2", "six:fd00::1");
        assertThat(spec.asked().entitlements()).containsExactly("network.host");
        assertThat(spec.asked().limits().sharedMemory().orElseThrow().count()).isEqualTo(1 << 20);
        assertThat(spec.asked().limits().others().ulimits()).isEqualTo(Map.of("nofile", "1:2", "nproc", "3"));
        assertThat(FrontendRequest.of("gateway.v0", Map.of("source", "docker/dockerfile:1"), false, false)
                .toSpec(List.of(), BuildCaller.NOBODY,
                Optional.empty(), List.of(), Optional.empty(), BuildSpec.SharedSteps.NONE).network())
                .isEqualTo(BuildSpec.NETWORK_DEFAULT);
    }

    @Test void platformsAndCachesAreRead() throws Exception {
        assertThat(FrontendRequest.of("dockerfile.v0", Map.of("platform", "linux/amd64,linux/arm64/v8,linux/amd64"),
                false, false).platforms())
                .containsExactly(Optional.of(Arch.X86_64), Optional.of(Arch.AARCH64));
        assertThat(FrontendRequest.of("dockerfile.v0", Map.of(), false, false).platforms()).containsExactly(Optional.empty());
        var wanted = SolveRequest.parse(new ProtoWriter().text(1, "r").message(8, new ProtoWriter()
                .message(4, new ProtoWriter().text(1, "registry").map(2, Map.of("ref", "r.test/to:1", "mode", "max")))
                .message(4, new ProtoWriter().text(1, "inline"))
                .message(5, new ProtoWriter().text(1, "registry").map(2, Map.of("ref", "r.test/from:1")))).toBytes());
        var steps = CacheOptions.of(wanted, frontend(Map.of()));
        assertThat(steps.to().orElseThrow()).hasToString("r.test/to:1");
        assertThat(steps.from()).singleElement().hasToString("r.test/from:1");
        assertThat(steps.inline()).isTrue();
    }

    @Test void cachesAreAskedOfTheFrontendToo() throws Exception {
        var nothing = SolveRequest.parse(new ProtoWriter().text(1, "r").toBytes());
        var old = CacheOptions.of(nothing,
                frontend(Map.of("cache-from", "r.test/a:1,r.test/b:1,r.test/a:1",
                        "build-arg:BUILDKIT_INLINE_CACHE", "true")));
        assertThat(old.from().stream().map(Object::toString)).containsExactly("r.test/a:1", "r.test/b:1");
        assertThat(old.inline()).isTrue();
        var attributes = Map.of("cache-from", "r.test/a:1", "cache-imports",
                "[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"r.test/c:1\"}}]");
        assertThat(CacheOptions.of(nothing, frontend(attributes)).from()).singleElement().hasToString("r.test/c:1");
        assertThat(CacheOptions.of(nothing, frontend(Map.of("build-arg:BUILDKIT_INLINE_CACHE", "0"))))
                .isEqualTo(BuildSpec.SharedSteps.NONE);
        assertThatThrownBy(() -> CacheOptions.of(nothing, frontend(Map.of("cache-imports", "{}"))))
                .isInstanceOf(GrpcException.class)
                .hasMessageContaining("cache-imports");
    }

    private static FrontendRequest frontend(Map<String, String> attributes) throws GrpcException {
        return FrontendRequest.of("dockerfile.v0", attributes, false, false);
    }

    @Test void whatIsNotPossibleIsRefusedInWords() {
        refused(() -> FrontendRequest.of("dockerfile.v0", Map.of(), true, false), "LLB");
        refused(() -> FrontendRequest.of("dockerfile.v0", Map.of(), false, true), "LLB");
        refused(() -> FrontendRequest.of("other.v0", Map.of(), false, false), "other.v0");
        refused(() -> FrontendRequest.of("gateway.v0", Map.of("source", "me/frontend:1"), false, false), "me/frontend:1");
        refused(() -> FrontendRequest.of("dockerfile.v0", Map.of("memory", "64m"), false, false), "memory");
        refused(() -> FrontendRequest.of("dockerfile.v0", Map.of("requestid", "frontend.outline"), false, false),
                "frontend.outline");
        refused(() -> CacheOptions.of(new SolveRequest("r", false, List.of(), "", "", Map.of(), List.of(),
                List.of(new SolveRequest.Exporter("local", Map.of())), List.of(), false, false), frontend(Map.of())),
                "type=local");
        refused(() -> Exports.names(new SolveRequest("r", false,
                List.of(new SolveRequest.Exporter("registry", Map.of())), "", "", Map.of(), List.of(), List.of(),
                List.of(), false, false)), "registry");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable asking, String word) {
        assertThatThrownBy(asking).isInstanceOf(GrpcException.class).hasMessageContaining(word)
                .extracting(e -> ((GrpcException) e).status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    }
}
