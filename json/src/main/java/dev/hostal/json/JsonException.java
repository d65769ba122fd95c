package dev.hostal.json;

/// Text that is no JSON, or a value that lacks what the reader needs. The message names the path.
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String path;

    public JsonException(String path, String message) {
        super(path.isEmpty() ? message : path + ": " + message);
        this.path = path;
    }

    /// Path of the value that is wrong, such as `disks[1].size`; empty for the document itself.
    public String path() {
        return path;
    }
}
