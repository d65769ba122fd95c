/// Talks to the agent inside a guest over one byte channel: programs, files, addresses. The agent itself is C,
/// among the resources of this package, and compiled by [dev.hostal.agent.AgentBinary].
/// ```
///   AgentGuest ── AgentChannel ══ frames ══ QEMU's port ══ wire.c ── service.c
///                  │ reader and writer          │                     │
///   AgentProcess ── AgentStream                 │              stream.c ── programs, archives, TCP
///   (TarInput, ...)  buffers within credit      │                     │
///   AgentLogs ── LogScan ◀── output.log ◀═══════╧══ log port ◀══ log.c
/// ```
/// What a guest says is not to be trusted: whatever it is, it becomes a value within limits or an
/// [java.io.IOException] and the end of the connection. Nothing here knows QEMU's command line, images or the
/// store. `docs/reference/agent-protocol.md` has the bytes.
package dev.hostal.agent;
