package dev.hostal.cli.usage;

/// The command line says something that cannot be meant. Advice stands on lines of its own that start with "Maybe".
public final class UsageError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UsageError(String message) {
        super(message);
    }
}
