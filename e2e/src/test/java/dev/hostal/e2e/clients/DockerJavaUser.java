package dev.hostal.e2e.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// docker-java: containers, streams, images, volumes and networks.
public final class DockerJavaUser {
    private DockerJavaUser() {}

    /// What a program wrote.
    private static final class Written extends ResultCallback.Adapter<Frame> {
        private final StringBuffer text = new StringBuffer();

        @Override public void onNext(Frame frame) {
            text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
        }

        String all() throws InterruptedException {
            assertThat(awaitCompletion(2, TimeUnit.MINUTES)).isTrue();
            return text.toString();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder().build();
        try (var http = new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build();
                var docker = DockerClientImpl.getInstance(config, http)) {
            docker.pingCmd().exec();
            assertThat(docker.versionCmd().exec().getOperatingSystem()).isEqualTo("linux");
            assertThat(docker.infoCmd().exec().getContainers()).isNotNull();
            containers(docker);
            others(docker);
        }
        System.out.println("all is well");
        System.exit(0);
    }

    private static void containers(DockerClient docker) throws Exception {
        var id = docker.createContainerCmd("tiny").withName("dj")
                .withCmd("sh", "-c", "read line; echo got $line; echo err >&2; exec sleep 300")
                .withStdinOpen(true).withLabels(Map.of("l", "v"))
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none")
                        .withMemory(64L << 20)).exec().getId();
        var attached = docker.attachContainerCmd(id)
                .withStdIn(new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8)))
                .withStdOut(true).withStdErr(true).withFollowStream(true).exec(new Written());
        attached.awaitStarted();
        docker.startContainerCmd(id).exec();
        var inspected = docker.inspectContainerCmd(id).exec();
        assertThat(inspected.getState().getRunning()).isTrue();
        assertThat(inspected.getHostConfig().getMemory()).isEqualTo(64L << 20);
        assertThat(docker.listContainersCmd().withLabelFilter(Map.of("l", "v")).exec()).singleElement()
                .satisfies(one -> assertThat(one.getNames()).containsExactly("/dj"));
        var exec = docker.execCreateCmd(id).withCmd("sh", "-c", "read line; echo $line; exit 4").withAttachStdin(true)
                .withAttachStdout(true).exec().getId();
        var output = docker.execStartCmd(exec)
                .withStdIn(new ByteArrayInputStream("in\n".getBytes(StandardCharsets.UTF_8))).exec(new Written()).all();
        assertThat(output).isEqualTo("in\n");
        assertThat(docker.inspectExecCmd(exec).exec().getExitCodeLong()).isEqualTo(4);
        var counted = new CountDownLatch(2);
        try (var _ = docker.statsCmd(id).exec(new ResultCallback.Adapter<Statistics>() {
            @Override public void onNext(Statistics statistics) {
                counted.countDown();
            }
        })) {
            assertThat(counted.await(1, TimeUnit.MINUTES)).isTrue();
        }
        docker.pauseContainerCmd(id).exec();
        docker.unpauseContainerCmd(id).exec();
        assertThatThrownBy(() -> docker.createContainerCmd("tiny").withName("dj").exec()).isInstanceOf(ConflictException.class);
        docker.stopContainerCmd(id).withTimeout(0).exec();
        assertThat(attached.all()).contains("got typed", "err");
        assertThat(docker.logContainerCmd(id).withStdOut(true).exec(new Written()).all()).isEqualTo("got typed\n");
        assertThat(docker.containerDiffCmd(id).exec())
                .satisfiesAnyOf(diff -> assertThat(diff).isNull(), diff -> assertThat(diff).isEmpty());
        var image = docker.commitCmd(id).withRepository("dj").withTag("made").exec();
        assertThat(docker.inspectImageCmd("dj:made").exec().getId()).isEqualTo(image);
        docker.removeContainerCmd(id).exec();
        docker.removeImageCmd("dj:made").exec();
        assertThatThrownBy(() -> docker.inspectContainerCmd(id).exec()).isInstanceOf(NotFoundException.class);
    }

    private static void others(DockerClient docker) {
        docker.createVolumeCmd().withName("djvolume").withLabels(Map.of("a", "b")).exec();
        assertThat(docker.listVolumesCmd().withFilter("label", List.of("a=b")).exec().getVolumes()).hasSize(1);
        docker.removeVolumeCmd("djvolume").exec();
        var network = docker.createNetworkCmd().withName("djnet").exec().getId();
        assertThat(docker.inspectNetworkCmd().withNetworkId(network).exec().getName()).isEqualTo("djnet");
        docker.removeNetworkCmd(network).exec();
        docker.tagImageCmd("tiny", "dj", "tagged").exec();
        assertThat(docker.listImagesCmd().withReferenceFilter("dj:tagged").exec()).hasSize(1);
        docker.removeImageCmd("dj:tagged").exec();
    }
}
