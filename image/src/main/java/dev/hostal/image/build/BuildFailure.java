package dev.hostal.image.build;

import dev.hostal.oci.dockerfile.Dockerfile.Step;
import java.util.function.Supplier;

/// A step that cannot be done, with its place.
final class BuildFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Step step;

    BuildFailure(Step step, String why) {
        super(why);
        this.step = step;
    }

    BuildFailure(Step step, String why, Throwable cause) {
        super(why, cause);
        this.step = step;
    }

    Step step() {
        return step;
    }

    static void at(Step step, Runnable action) {
        get(step, () -> {
            action.run();
            return true;
        });
    }

    /// What is wrong with a text becomes a failure of the step.
    static <V> V get(Step step, Supplier<V> action) {
        try {
            return action.get();
        } catch (IllegalArgumentException | BuildException e) {
            throw new BuildFailure(step, e.getMessage(), e);
        }
    }
}
