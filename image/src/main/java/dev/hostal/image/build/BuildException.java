package dev.hostal.image.build;

/// A step that cannot be done, in a sentence without its place in the Dockerfile.
final class BuildException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BuildException(String why) {
        super(why);
    }

    BuildException(String why, Throwable cause) {
        super(why, cause);
    }
}
