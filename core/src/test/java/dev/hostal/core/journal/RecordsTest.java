package dev.hostal.core.journal;

import static dev.hostal.core.Golden.golden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine.Pull;
import dev.hostal.core.Operation.Status;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Phase;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.ImageExchange.Compression;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What stands in the journal stays readable for ever: version 1 as it is written today is kept in files.
final class RecordsTest {
    private static final InstanceSpec FULL = new InstanceSpec(new InstanceName("web"), Kind.VM,
            ImageReference.parse("debian:12"), Optional.of(Arch.AARCH64), 2, Bytes.mib(512), Bytes.gib(10), Boot.COMMAND,
            new ProcessSpec(Optional.of(List.of("/entry")), List.of("a", "b c"), Map.of("K", "v=1"), Optional.of("www"),
                    Optional.of("/srv"), true, true),
            Optional.of("web.example"), Map.of("role", "front"), true, Duration.ofMillis(1500));
    private static final InstanceSpec BARE = new InstanceSpec(new InstanceName("bare"), Kind.VM,
            ImageReference.parse("tiny"), Optional.empty(), 1, Bytes.mib(128), Bytes.gib(1), Boot.AUTO,
            ProcessSpec.OF_IMAGE, Optional.empty(), Map.of(), false, Duration.ofSeconds(10));
    private static final InstanceId ID = new InstanceId("0123456789abcdef".repeat(4));
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

    @Test void instancesAreReadAsTheyWereWritten() throws Exception {
        var lines = new StringBuilder();
        for (var phase : List.of(new Phase.Stopped(Optional.empty()), new Phase.Stopped(Optional.of(new ExitStatus(3))),
                new Phase.Starting(), new Phase.Running(), new Phase.Paused(), new Phase.Stopping(),
                new Phase.Failed("why\nMaybe"), new Phase.Deleting())) {
            for (var record : List.of(
                    new InstanceRecord(ID, FULL, Arch.AARCH64, "sha256:" + "a".repeat(64), false, phase, NOON,
                            Optional.of(NOON), Optional.of(NOON.plusSeconds(1)), Optional.of("op-1")),
                    new InstanceRecord(ID, BARE, Arch.X86_64, "sha256:" + "b".repeat(64), true, phase, NOON,
                            Optional.empty(), Optional.empty(), Optional.empty()))) {
                var text = InstanceRecordV1.toText(record);
                assertThat(InstanceRecordV1.from(text)).isEqualTo(record);
                lines.append(text).append('\n');
            }
        }
        golden("instance-records-v1.jsonl", lines.toString());
    }

    @Test void operationsAreReadAsTheyWereWritten() throws Exception {
        var lines = new StringBuilder();
        for (var request : List.of(new Request.Create(FULL, Pull.MISSING),
                new Request.PullImage(ImageReference.parse("a/b:1"), Arch.S390X),
                new Request.PushImage(ImageReference.parse("a/b:1"), ImageReference.parse("r.example/b:2"),
                        Optional.of(Arch.S390X), Compression.PORTABLE),
                new Request.PushImage(ImageReference.parse("a/b:1"), ImageReference.parse("a/b:1"), Optional.empty(),
                        Compression.PORTABLE),
                new Request.PushImage(ImageReference.parse("a/b:1"), ImageReference.parse("a/b:1"), Optional.empty(),
                        Compression.GZIP),
                new Request.Start(),
                new Request.Stop(Duration.ofSeconds(3)), new Request.Kill("HUP"), new Request.Restart(Duration.ZERO),
                new Request.Stop(Duration.ofSeconds(1), Optional.of("HUP")), new Request.Restart(Duration.ZERO, Optional.of("INT")),
                new Request.Pause(), new Request.Resume(), new Request.Delete(true))) {
            var record = new OperationRecord("op-1", request, "target", Status.RUNNING, NOON, Optional.empty(),
                    Optional.empty());
            lines.append(same(record)).append('\n');
        }
        var failed = new OperationRecord("op-2", new Request.Start(), ID.value(), Status.FAILED, NOON, Optional.of(NOON),
                Optional.of(new Problem(ErrorCode.GUEST_NOT_READY, "It stopped.")));
        lines.append(same(failed)).append('\n');
        golden("operation-records-v1.jsonl", lines.toString());
    }

    @Test void everyMemberThatIsMissingOrOfAnotherTypeIsNamed() {
        var record = new InstanceRecord(ID, FULL, Arch.AARCH64, "sha256:" + "a".repeat(64), false, new Phase.Running(),
                NOON, Optional.empty(), Optional.empty(), Optional.empty());
        var text = InstanceRecordV1.toText(record);
        for (var name : List.of("v", "id", "spec", "arch", "imageDigest", "init", "phase", "createdAt")) {
            var members = JsonObject.parse(text).members();
            var without = new JsonObject();
            var other = new JsonObject();
            members.forEach((key, value) -> {
                if (!key.equals(name)) without.put(key, value);
                other.put(key, key.equals(name) ? new Json.Array(List.of()) : value);
            });
            assertThatThrownBy(() -> InstanceRecordV1.from(without.toText())).isInstanceOf(JsonException.class)
                    .hasMessageContaining(name);
            assertThatThrownBy(() -> InstanceRecordV1.from(other.toText())).isInstanceOf(JsonException.class)
                    .hasMessageContaining(name);
        }
        assertThatThrownBy(() -> InstanceRecordV1.from(text.replaceFirst("\"v\":1", "\"v\":2")))
                .hasMessageContaining("this Hostal knows version 1 only");
    }

    @Test void damagedTextIsARefusalAndNothingElse() {
        var texts = new ArrayList<String>();
        texts.add(InstanceRecordV1.toText(new InstanceRecord(ID, FULL, Arch.AARCH64, "sha256:" + "a".repeat(64), false,
                new Phase.Running(), NOON, Optional.empty(), Optional.empty(), Optional.empty())));
        var random = new Random(7);
        for (int i = 0; i < 3000; i++) {
            var bytes = texts.getFirst().toCharArray();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (char) (32 + random.nextInt(95));
            }
            try {
                InstanceRecordV1.from(new String(bytes));
            } catch (JsonException | IllegalArgumentException | DateTimeException _) {
                // Refused, as the journal expects.
            }
        }
    }

    private static String same(OperationRecord record) {
        var text = OperationRecordV1.toText(record);
        var read = OperationRecordV1.from(text);
        assertThat(OperationRecordV1.toText(read)).isEqualTo(text);
        assertThat(read.request()).isEqualTo(record.request());
        assertThat(read.problem().map(Problem::code)).isEqualTo(record.problem().map(Problem::code));
        return text;
    }
}
