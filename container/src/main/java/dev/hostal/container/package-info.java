/// Containers. Each has an agent of its own on the host, a small static program that is no child of the daemon: it
/// mounts the root, has the OCI runtime start programs, and keeps their streams and ends as in a guest.
/// ```
///   daemon ──socket── agent ──runs── runc run / runc exec ──starts── agent --inside ──becomes── the program
///                       │                                                                        (child of the agent
///                       ├── output.log: framed output, exit record                                once runc has ended)
///                       └── mount namespace: overlay of shared, read-only layers
/// ```
/// The daemon may be killed at any time: [dev.hostal.container.ContainerRecord] says how to find the agent again, and
/// the cgroup how to end what is left. Nothing here knows the store or images.
package dev.hostal.container;
