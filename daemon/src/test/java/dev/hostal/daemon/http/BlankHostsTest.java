package dev.hostal.daemon.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BlankHostsTest {
    private static String seen(String text) {
        return ISO_8859_1.decode(BlankHosts.seen(ISO_8859_1.encode(text))).toString();
    }

    @Test void anEmptyHostIsNamedWhereOldClientsSayOne() {
        assertThat(seen("POST /session HTTP/1.1\r\nHost: \r\nUpgrade: h2c\r\n\r\n\u0001"))
                .isEqualTo("POST /session HTTP/1.1\r\nHost: docker\r\nUpgrade: h2c\r\n\r\n\u0001");
        assertThat(seen("POST /v1.41/grpc HTTP/1.1\r\nHost: \r\n\r\n")).contains("Host: docker");
    }

    @Test void everythingElseStaysAsItIs() {
        for (var text : new String[] {"GET /_ping HTTP/1.1\r\nHost: \r\n\r\n", "POST /v1.41/build?x HTTP/1.1\r\n", "POST /sessions HTTP/1.1\r\nHost: \r\n\r\n",
            "GET", "POST /session HTTP/1.1\r\nHost: docker\r\n\r\nHost: \r\n"}) {
            assertThat(seen(text)).isEqualTo(text);
        }
        var long_ = "POST /session HTTP/1.1\r\nX: " + "y".repeat(BlankHosts.HEAD_MAX);
        assertThat(seen(long_)).isEqualTo(long_);
    }

    @Test void moreIsWaitedForUntilItCanBeTold() {
        for (var text : new String[] {"P", "POST", "POST /v1.4", "POST /session HTTP/1.1\r\nHost: \r\n"}) {
            assertThat(BlankHosts.seen(ByteBuffer.wrap(text.getBytes(ISO_8859_1))).hasRemaining()).as(text).isFalse();
        }
    }
}
