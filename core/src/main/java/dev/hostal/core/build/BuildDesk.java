package dev.hostal.core.build;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Builds;
import dev.hostal.core.instance.Node;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.ImageBuilding;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/// Builds on this node.
public final class BuildDesk implements Builds {
    private final Node node;

    public BuildDesk(Node node) {
        this.node = node;
    }

    @Override public Images.Image build(BuildSpec wanted, InputStream context, BuildEvent.Listener listener, Deadline deadline)
            throws IOException, InterruptedException {
        return told(builder().build(wanted, context, new StepContainers(node), listener, deadline));
    }

    @Override public Images.Image buildDisk(BuildSpec wanted, Bytes size, InputStream context,
            BuildEvent.Listener listener, Deadline deadline) throws IOException, InterruptedException {
        return told(builder().buildDisk(wanted, size, context, new StepContainers(node), listener, deadline));
    }

    private Images.Image told(Images.Image image) {
        for (var reference : image.references()) {
            node.events().publish("image.built", reference.toString(), Map.of("digest", image.digest()));
        }
        node.log().info("image.built", "images", image.references().stream().map(Object::toString).toList(), "digest",
                image.digest());
        return image;
    }

    @Override public void writeFiles(String imageDigest, OutputStream tar) throws IOException {
        builder().writeFiles(imageDigest, tar);
    }

    @Override public Bytes prune() throws IOException, InterruptedException {
        var freed = builder().pruneBuilds();
        node.log().info("build.pruned", "freed", freed);
        return freed;
    }

    private ImageBuilding builder() {
        if (node.images() instanceof ImageBuilding builder) return builder;
        throw new Problem(ErrorCode.UNSUPPORTED, "This node's image store does not build images.");
    }
}
