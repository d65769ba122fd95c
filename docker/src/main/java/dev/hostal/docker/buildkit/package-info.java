/// BuildKit's protocols as far as docker's clients speak them, over [dev.hostal.docker.grpc]; what is built is built by the
/// core's own builder.
/// ```
///   POST /session ── the client's services: its files, secrets, logins, agents, and where results go ── ClientSession
///   POST /grpc ───── Control and LLBBridge ──┐
///   POST /build ── version=2 ────────────────┴── Solver ── core's Builds ── Exports
///                                                  └ Job: what is told of it, to any number of listeners
/// ```
/// A graph of low-level operations that a client has made itself (LLB) is not executed.
///
/// Source: the protocol files of moby/buildkit (control, gateway, session) and of tonistiigi/fsutil.
package dev.hostal.docker.buildkit;
