package dev.hostal.docker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The wire format, against the examples of its document, and against damage.
class ProtoTest {
    private static String hex(ProtoWriter writer) {
        return HexFormat.of().formatHex(writer.toBytes());
    }

    private static ProtoReader of(String hex) {
        return new ProtoReader(HexFormat.of().parseHex(hex));
    }

    @Test void theExamplesOfTheDocument() throws Exception {
        assertThat(hex(new ProtoWriter().number(1, 150))).isEqualTo("089601");
        assertThat(hex(new ProtoWriter().text(2, "testing"))).isEqualTo("120774657374696e67");
        assertThat(hex(new ProtoWriter().message(3, new ProtoWriter().number(1, 150)))).isEqualTo("1a03089601");
        assertThat(hex(new ProtoWriter().number(1, -2))).isEqualTo("08feffffffffffffffff01");
        var in = of("08feffffffffffffffff01");
        assertThat(in.next()).isTrue();
        assertThat(in.number()).isEqualTo(-2);
        assertThat(in.next()).isFalse();
    }

    @Test void defaultsAreLeftOutButMessagesAreNot() {
        assertThat(hex(new ProtoWriter().number(1, 0).flag(2, false).text(3, "").bytes(4, new byte[0]))).isEmpty();
        assertThat(hex(new ProtoWriter().message(5, new ProtoWriter()))).isEqualTo("2a00");
        assertThat(hex(new ProtoWriter().time(1, Instant.EPOCH))).isEqualTo("0a00");
    }

    @Test void whatIsNotKnownIsPassedOver() throws Exception {
        // Fields of 64 and 32 bits, a number, bytes, then the one that is asked for.
        var in = of("09" + "0102030405060708" + "15" + "01020304" + "1896" + "01" + "2203616263" + "2a0178");
        var seen = "";
        while (in.next()) {
            if (in.field() == 5) seen = in.text();
        }
        assertThat(seen).isEqualTo("x");
    }

    @Test void mapsThereAndBack() throws Exception {
        var map = Map.of("a", "1", "ü", "", "", "empty key");
        var read = new LinkedHashMap<String, String>();
        for (var in = new ProtoReader(new ProtoWriter().map(7, map).toBytes()); in.next(); ) {
            assertThat(in.field()).isEqualTo(7);
            in.entry(read);
        }
        assertThat(read).isEqualTo(map);
    }

    @Test void damageIsToldAndNeverMore() {
        for (var damaged : new String[] {"08", "0880", "12ff", "1205616263", "0f", "00", "12ffffffffffffffff7f",
                "08ffffffffffffffffffff01", "09010203"}) {
            assertThatThrownBy(() -> {
                for (var in = of(damaged); in.next(); ) { /* Each field is passed over. */ }
            }).as(damaged).isInstanceOf(GrpcException.class).hasMessageContaining("damaged");
        }
        assertThatThrownBy(() -> {
            var in = of("0801");
            in.next();
            in.text();
        }).isInstanceOf(GrpcException.class).hasMessageContaining("wire type");
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            try {
                for (var in = new ProtoReader(bytes); in.next(); ) in.field();
            } catch (GrpcException e) {
                assertThat(e.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
            }
        }
    }

    @Test void messagesAboutAnEndAsHeaders() {
        assertThat(GrpcWords.encode("50% done\nüber")).isEqualTo("50%25 done%0A%C3%BCber");
        assertThat(GrpcWords.decode("50%25 done%0A%C3%BCber")).isEqualTo("50% done\nüber");
        assertThat(GrpcWords.decode("100% %zz %4")).isEqualTo("100% %zz %4");
        assertThat(GrpcWords.encode("x".repeat(100_000)).length()).isLessThan(9000);
    }
}
