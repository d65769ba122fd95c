package dev.hostal.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTest {
    @Test void whatPeopleGiveIsEncoded() {
        assertThat(Target.segment("web-1.a_b~")).isEqualTo("web-1.a_b~");
        assertThat(Target.segment("../x y")).isEqualTo("..%2Fx%20y");
        assertThat(Target.segment("..")).isEqualTo("%2E%2E");
        assertThat(Target.segment("ü\r\nHost: x")).isEqualTo("%C3%BC%0D%0AHost:%20x");
        assertThat(Target.segments("localhost:5000/a/b@sha256:1")).isEqualTo("localhost:5000/a/b@sha256:1");
        assertThat(Target.query(Map.of())).isEmpty();
        assertThat(Target.query(Map.of("path", "/a b&c=d"))).isEqualTo("?path=/a%20b%26c%3Dd");
    }
}
