package dev.hostal.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Link;
import dev.hostal.model.Mount;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
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
                 "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"NetworkMode":"own"}}""");

        assertThat(spec.memory()).isEqualTo(Bytes.mib(256));
        assertThat(spec.limits().cpuQuota()).contains(0.5);
        assertThat(spec.limits().pids()).contains(20);
        assertThat(spec.mounts()).contains(new Mount("volume", "data", "/d", false, Map.of()),
                new Mount("bind", "/h", "/b", true, Map.of("create", "true")),
                new Mount("volume", "", "/anonymous", false, Map.of()),
                new Mount("tmpfs", "", "/t", false, Map.of("size", "1048576")));
        assertThat(spec.ports()).containsExactlyInAnyOrder(
                new PublishedPort(Optional.of("0.0.0.0"), Optional.of(8080), 80, 1, "tcp"),
                new PublishedPort(Optional.of("127.0.0.1"), Optional.empty(), 53, 1, "udp"));
        assertThat(spec.care().restart()).contains("on-failure:3");
        assertThat(spec.nics()).singleElement().satisfies(nic -> assertThat(nic.network()).isEqualTo("own"));
        for (var mode : List.of("none", "host")) {
            assertThat(spec("{\"Image\":\"tiny\",\"HostConfig\":{\"NetworkMode\":\"%s\",\"PortBindings\":{\"80/tcp\":[]}}}".formatted(mode)).ports()).isEmpty();
        }
    }

    @Test void aRuntimeMakesItAVirtualMachine() {
        assertThat(spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"vm\"}}").kind()).isEqualTo(Kind.VM);
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"kata\"}}"))
                .hasMessageContaining("unknown or invalid runtime name: kata");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"CapDrop\":[\"ALL\"]", "\"ReadonlyRootfs\":true", "\"PidMode\":\"host\"",
        "\"Sysctls\":{\"a.b\":\"1\"}", "\"Devices\":[{\"PathOnHost\":\"/dev/null\"}]", "\"Dns\":[\"1.1.1.1\"]",
        "\"ExtraHosts\":[\"a:1.1.1.1\"]", "\"PidsLimit\":5",
        "\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":1}]", "\"CpusetCpus\":\"0\"",
        "\"SecurityOpt\":[\"no-new-privileges\"]"})
    void aVirtualMachineIsNotGivenWhatOnlyTheHostsKernelGives(String member) {
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"vm\",%s}}".formatted(member)))
                .isInstanceOf(Refusal.class).hasMessageContaining("with the runtime vm")
                .hasMessageContaining(member.substring(1, member.indexOf('"', 1)));
        assertThat(spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Runtime\":\"vm\",\"CapAdd\":[\"ALL\"],\"Privileged\":true,\"Init\":true}}").kind()).isEqualTo(Kind.VM);
    }

    @Test void namespacesOfAnotherContainerAreAskedForByItsId() {
        var id = "0123456789abcdef".repeat(4);
        var spec = spec("{\"Image\":\"tiny\",\"HostConfig\":{\"NetworkMode\":\"container:%1$s\",\"PidMode\":\"container:%1$s\",\"IpcMode\":\"container:%1$s\"}}".formatted(id));

        assertThat(spec.nics()).singleElement().satisfies(nic -> assertThat(nic.network()).isEqualTo("container:" + id));
        assertThat(spec.confinement().pidNamespace()).contains("container:" + id);
        assertThat(spec.confinement().ipcNamespace()).contains("container:" + id);
        assertThat(spec.hostname()).isEmpty();
        assertThat(spec("{\"Image\":\"tiny\"}").hostname()).contains(InstanceSpec.HOSTNAME_OF_ID);
    }

    @Test void linksAreOfTheNetworkThatTheModeNames() {
        var usual = spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Links\":[\"/db:/web/store\",\"cache\"]}}").nics();
        assertThat(usual).singleElement().satisfies(nic -> {
            assertThat(nic.network()).isEqualTo("default");
            assertThat(Link.of(nic)).containsExactly(new Link("store", "db"), new Link("cache", "cache"));
        });
        var own = spec("""
                {"Image":"tiny","HostConfig":{"NetworkMode":"own"},"NetworkingConfig":{"EndpointsConfig":{"own":{"Links":["db:store"],
                 "DriverOpts":{"some":"word"},"IPAMConfig":{"LinkLocalIPs":["169.254.8.8"]}}}}}""").nics().getFirst();
        assertThat(Link.of(own)).containsExactly(new Link("store", "db"));
        var shown = new JsonObject();
        Endpoints.show(own, shown);
        assertThat(shown.toText()).isEqualTo("{\"IPAMConfig\":{\"LinkLocalIPs\":[\"169.254.8.8\"]},\"DriverOpts\":{\"some\":\"word\"},\"Links\":[\"db:store\"]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Hostname\":\"h\",\"HostConfig\":{\"NetworkMode\":\"container:a\"}",
        "\"HostConfig\":{\"NetworkMode\":\"container:\"}", "\"HostConfig\":{\"NetworkMode\":\"container:a\",\"Links\":[\"b\"]}",
        "\"HostConfig\":{\"NetworkMode\":\"container:a\",\"Dns\":[\"1.1.1.1\"]}",
        "\"HostConfig\":{\"NetworkMode\":\"host\",\"Links\":[\"b\"]}",
        "\"HostConfig\":{\"NetworkMode\":\"container:a\",\"ExtraHosts\":[\"a:1.1.1.1\"]}",
        "\"Hostname\":\"h\",\"HostConfig\":{\"UTSMode\":\"host\"}",
        "\"HostConfig\":{\"NetworkMode\":\"container:a\",\"PublishAllPorts\":true}",
        "\"ExposedPorts\":{\"80/tcp\":{}},\"HostConfig\":{\"NetworkMode\":\"container:a\"}"})
    void wishesThatExcludeEachOtherAreRefused(String members) {
        assertThatThrownBy(() -> Conflicts.check(JsonObject.parse("{\"Image\":\"tiny\",%s}".formatted(members))))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(400));
    }

    @Test void networksMayBeCalledWhatHostalDoesNotCallThem() {
        assertThat(Networks.inner("bridge")).isEqualTo("default");
        assertThat(Networks.inner("own_net")).isEqualTo("own_net");
        for (var name : List.of("with a blank", "user", "-odd", "x".repeat(90))) {
            var inner = Networks.inner(name);
            assertThat(inner).matches("named-[0-9a-f]{20}").isEqualTo(Networks.inner(name));
            var spec = new NetworkSpec(inner, NetworkKind.NAT, Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), 0, false, Networks.labels(name, Map.of("a", "b")));
            assertThat(Networks.outer(spec)).isEqualTo(name);
            assertThat(Networks.labels(spec)).isEqualTo(Map.of("a", "b"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Links\":[\"a:b:c\"]", "\"Links\":[\"\"]", "\"VolumesFrom\":[\"a\"]", "\"CgroupParent\":\"/x\"",
        "\"LogConfig\":{\"Type\":\"syslog\"}", "\"Memory\":1000", "\"PidMode\":\"private\"", "\"UTSMode\":\"container:x\"",
        "\"Binds\":[\"/a\"]", "\"Binds\":[\"/a:b\"]", "\"Binds\":[\"/a:/b:quick\"]", "\"PortBindings\":{\"x\":[]}",
        "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"99999\"}]}", "\"RestartPolicy\":{\"Name\":\"sometimes\"}",
        "\"SecurityOpt\":[\"magic\"]", "\"CgroupnsMode\":\"host\"", "\"IpcMode\":\"odd\"", "\"MemorySwappiness\":101",
        "\"DeviceCgroupRules\":[\"c 7:8\"]", "\"OomKillDisable\":true", "\"CpusetMems\":\"0\"",
        "\"BlkioWeightDevice\":[{}]", "\"CpuRealtimePeriod\":1", "\"MaskedPaths\":[\"/x\"]",
        "\"Tmpfs\":{\"/t\":\"uid=1\"}", "\"LogConfig\":{\"Type\":\"json-file\",\"Config\":{\"tag\":\"x\"}}",
        "\"PortBindings\":{\"80/none\":[]}", "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/no/such\",\"Target\":\"/x\"}]",
        "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"nfs\"}}}]",
        "\"AutoRemove\":true,\"RestartPolicy\":{\"Name\":\"always\"}", "\"Mounts\":[{\"Type\":\"npipe\",\"Target\":\"/x\"}]"})
    void whatCannotBeDoneIsRefused(String member) {
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{%s}}".formatted(member)))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(400));
    }

    @Test void aContainerHasNoMoreMemoryThanAskedFor() {
        assertThat(spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Memory\":16777216}}").memory()).isEqualTo(Bytes.mib(16));
        assertThatThrownBy(() -> spec("{\"Image\":\"tiny\",\"HostConfig\":{\"Memory\":16777216,\"Runtime\":\"vm\"}}"))
                .isInstanceOf(Refusal.class).hasMessageContaining("64 MiB");
    }

    @Test void sharesAndWeightsAreTheSameThing() {
        assertThat(HostConfig.weight(2)).isEqualTo(1);
        assertThat(HostConfig.weight(262_144)).isEqualTo(10_000);
        assertThat(HostConfig.shares(HostConfig.weight(1024))).isBetween(990L, 1040L);
    }
}
