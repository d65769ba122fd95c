package dev.hostal.api;

/// The sub-protocol of the WebSockets for programs and consoles (`hostal.channels.v1`). Every binary message
/// begins with one byte that says what follows. Source: the idea is Kubernetes' `channel.k8s.io`.
///
/// Client to daemon: [#STDIN] with bytes (none: end of file), [#CONTROL] with a JSON object: `{"exec": ExecV1}`
/// first on `/exec`, `{"run": CreateInstanceV1}` first on `/v1/run`, `{"resize": {"columns": n, "rows": n}}`,
/// `{"signal": "TERM"}`. Daemon to client: [#STDOUT] and [#STDERR] with bytes, [#CONTROL] with `{"started": true}`,
/// `{"exit": n}` or `{"error": ErrorV1}`, after which the daemon closes the WebSocket.
public final class Channels {
    public static final String PROTOCOL = "hostal.channels.v1";
    public static final byte STDIN = 0;
    public static final byte STDOUT = 1;
    public static final byte STDERR = 2;
    public static final byte CONTROL = 3;
    /// Largest message, its first byte included.
    public static final int MESSAGE_MAX = 64 << 10;

    private Channels() {}
}
