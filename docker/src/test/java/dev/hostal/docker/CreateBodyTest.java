package dev.hostal.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.PublishedPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is wanted of a container becomes what is wanted of an instance; what cannot be done is refused.
class CreateBodyTest {
    private static InstanceSpec spec(String json) {
        return CreateBody.spec(JsonObject.parse(json), new InstanceName("c"), Optional.empty());
    }

    @Test void theLeastIsAnImage() {
        var spec = spec("{\"Image\":\"tiny\"}");

        assertThat(spec.kind()).isEqualTo(Kind.CONTAINER);
        assertThat(spec.image().familiar()).isEqualTo("tiny:latest");
        assertThat(spec.process().entrypoint()).isEmpty();
        assertThat(spec.stopTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(spec.nics()).isEmpty();
        assertThatThrownBy(() -> spec("{}")).hasMessageContaining("Config cannot be empty");
    }

    @Test void theProgramIsAsAsked() {
        var spec = spec("""
                {"Image":"tiny","Cmd":["a","b c"],"Entrypoint":["/e"],"Env":["A=1=2","B=","C"],"User":"1:2",
                 "WorkingDir":"/w","Tty":true,"OpenStdin":true,"Hostname":"h","Labels":{"l":"v"},"StopTimeout":3,
                 "StopSignal":"SIGINT"}""");

        assertThat(spec.process().command()).containsExactly("a", "b c");
        assertThat(spec.process().entrypoint()).contains(List.of("/e"));
        assertThat(spec.process().env()).isEqualTo(Map.of("A", "1=2", "B", ""));
        assertThat(spec.process().user()).contains("1:2");
        assertThat(spec.process().tty()).isTrue();
        assertThat(spec.hostname()).contains("h");
        assertThat(spec.care().stopSignal()).contains("INT");
        assertThat(spec.stopTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(spec("{\"Image\":\"tiny\",\"Entrypoint\":[\"\"]}").process().entrypoint()).contains(List.of());
        assertThat(spec("{\"Image\":\"tiny\",\"Cmd\":\"one word\"}").process().command()).containsExactly("one word");
    }

    @Test void limitsMountsAndPorts() {
        var spec = spec("""
                {"Image":"tiny","Volumes":{"/anonymous":{}},"HostConfig":{"Memory":268435456,"NanoCpus":500000000,
                 "PidsLimit":20,"Binds":["/h:/b:ro","data:/d"],"Tmpfs":{"/t":"size=1m"},
                 "PortBindings":{"80/tcp":[{"HostPort":"8080"}],"53/udp":[{"HostIp":"127.0.0.1","HostPort":""}]},
                 "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"NetworkMode":"none"}}""");

        assertThat(spec.memory()).isEqualTo(Bytes.mib(256));
        assertThat(spec.limits().cpuQuota()).contains(0.5);
        assertThat(spec.limits().pids()).contains(20);
        assertThat(spec.mounts()).contains(new Mount("volume", "data", "/d", false, Map.of()),
                new Mount("bind", "/h", "/b", true, Map.of("create", "true")), new Mount("volume", "", "/anonymous", false, Map.of()),
                new Mount("tmpfs", "", "/t", false, Map.of("size", "1048576")));
        assertThat(spec.ports()).containsExactlyInAnyOrder(
                new PublishedPort(Optional.of("0.0.0.0"), Optional.of(8080), 80, 1, "tcp"),
                new PublishedPort(Optional.of("127.0.0.1"), Optional.empty(), 53, 1, "udp"));
        assertThat(spec.care().restart()).contains("on-failure:3");
        assertThat(spec.nics()).singleElement().satisfies(nic -> assertThat(nic.network()).isEqualTo("none"));
    }

    @Test void aRuntimeMakesItAVirtualMachine() {
        assertThat(spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"vm\"}}").kind()).isEqualTo(Kind.VM);
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"kata\"}}"))
                .hasMessageContaining("unknown or invalid runtime name: kata");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Links\":[\"a:b\"]", "\"VolumesFrom\":[\"a\"]", "\"CgroupParent\":\"/x\"",
        "\"LogConfig\":{\"Type\":\"syslog\"}", "\"NetworkMode\":\"container:x\"", "\"Memory\":1000", "\"PidMode\":\"container:x\"",
        "\"Binds\":[\"/a\"]", "\"Binds\":[\"/a:b\"]", "\"Binds\":[\"/a:/b:quick\"]", "\"PortBindings\":{\"x\":[]}",
        "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"99999\"}]}", "\"RestartPolicy\":{\"Name\":\"sometimes\"}",
        "\"SecurityOpt\":[\"magic\"]", "\"CgroupnsMode\":\"host\"", "\"IpcMode\":\"none\"", "\"MemorySwappiness\":10",
        "\"OomKillDisable\":true", "\"CpusetMems\":\"0\"", "\"BlkioWeightDevice\":[{}]", "\"CpuRealtimePeriod\":1", "\"MaskedPaths\":[\"/x\"]",
        "\"Tmpfs\":{\"/t\":\"uid=1\"}", "\"LogConfig\":{\"Type\":\"json-file\",\"Config\":{\"tag\":\"x\"}}", "\"PortBindings\":{\"80/none\":[]}",
        "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/no/such\",\"Target\":\"/x\"}]",
        "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"nfs\"}}}]", "\"AutoRemove\":true,\"RestartPolicy\":{\"Name\":\"always\"}",
        "\"Mounts\":[{\"Type\":\"npipe\",\"Target\":\"/x\"}]"})
    void whatCannotBeDoneIsRefused(String member) {
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{%s}}".formatted(member)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(400));
    }

    @Test void sharesAndWeightsAreTheSameThing() {
        assertThat(HostConfig.weight(2)).isEqualTo(1);
        assertThat(HostConfig.weight(262_144)).isEqualTo(10_000);
        assertThat(HostConfig.shares(HostConfig.weight(1024))).isBetween(990L, 1040L);
    }
}
