package dev.hostal.oci.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What `--change` makes of a configuration.
class ConfigChangesTest {
    @Test void instructionsChangeWhatTheyName() {
        var config = JsonObject.parse("{\"Cmd\":[\"old\"],\"Env\":[\"A=1\",\"B=2\"],\"Labels\":{\"x\":\"y\"}}");
        ConfigChanges.parse(List.of("CMD [\"new\", \"-v\"]", "ENTRYPOINT run it", "ENV B=3 C=4", "LABEL z=1", "EXPOSE 80",
                "VOLUME /data", "USER ann", "WORKDIR /srv", "STOPSIGNAL INT", "ONBUILD RUN true")).apply(config);

        assertThat(config.toText()).isEqualTo("{\"Cmd\":[\"new\",\"-v\"],\"Env\":[\"A=1\",\"B=3\",\"C=4\"],"
                + "\"Labels\":{\"x\":\"y\",\"z\":\"1\"},\"Entrypoint\":[\"/bin/sh\",\"-c\",\"run it\"],"
                + "\"ExposedPorts\":{\"80/tcp\":{}},\"Volumes\":{\"/data\":{}},\"User\":\"ann\",\"WorkingDir\":\"/srv\","
                + "\"StopSignal\":\"INT\",\"OnBuild\":[\"RUN true\"]}");
    }

    @Test void whatBuildsIsRefused() {
        assertThatThrownBy(() -> ConfigChanges.parse(List.of("RUN true"))).hasMessage("RUN is not a valid change command");
        assertThatThrownBy(() -> ConfigChanges.parse(List.of("NONSENSE"))).isInstanceOf(DockerfileException.class);
        assertThat(ConfigChanges.parse(List.of()).steps()).isEmpty();
    }
}
