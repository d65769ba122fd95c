/// One instance on one node: what may be asked of it, what it is doing, how it ends.
/// ```
///   Stopped --start--> Starting --up--> Running <--pause/resume--> Paused
///      ^                  |                |                          |
///      |               failed             stop, end of its program <--+
///      |                  v                v
///      +--start-- Failed     Stopped <-- Stopping          Stopped, Failed, end of --rm --> Deleting --> gone
/// ```
/// [InstanceOwner] is the one writer of an instance: a virtual thread that takes requests and outcomes from a
/// bounded inbox, decides with two pure tables ([Transitions], [Admission]), journals, and lets a [Work] act.
/// Nothing here knows QEMU or OCI: drivers are reached through `spi` only.
package dev.hostal.core.instance;
