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
        assertThat(seen("POST /v1.41/containers/x/attach?stream=1 HTTP/1.1\r\nHost:\r\n")).contains("\r\nHost:docker\r\n");
    }

    @Test void everythingElseStaysAsItIs() {
        for (var text : new String[] {"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n", "POST /build HTTP/1.1\r\nX: y\r\nHost: \r\n",
            "no request", "\r\n", "GET / HTTP/1.1\r\nHost: docker\r\n\r\nHost: \r\n", "\u0016\u0003\u0001"}) {
            assertThat(seen(text)).isEqualTo(text);
        }
        var longOne = "POST /" + "y".repeat(BlankHosts.HEAD_MAX);
        assertThat(seen(longOne)).isEqualTo(longOne);
    }

    @Test void moreIsWaitedForUntilItCanBeTold() {
        for (var text : new String[] {"P", "POST", "POST /v1.4", "POST /session HTTP/1.1\r\n",
                "POST /session HTTP/1.1\r\nHost: "}) {
            assertThat(BlankHosts.seen(ByteBuffer.wrap(text.getBytes(ISO_8859_1))).hasRemaining()).as(text).isFalse();
        }
    }
}
