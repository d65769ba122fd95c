/// What a Linux host offers, as values and a few classes: the only native access of Hostal.
///
/// - Programs: [dev.hostal.linux.Processes] runs a [dev.hostal.linux.Command] to its end;
///   [dev.hostal.linux.DetachedProcesses] starts what outlives the daemon;
///   [dev.hostal.linux.ProcessTable] finds, awaits and kills processes that are nobody's children.
/// - Limits and counters: [dev.hostal.linux.Cgroups], the same on v1, v2 and hybrid hosts.
/// - Packages of the distribution: [dev.hostal.linux.Packages], [dev.hostal.linux.Engines].
/// - Folders as wholes, made, listed and removed: [dev.hostal.linux.Folders].
/// - System calls, one class a subject: [dev.hostal.linux.DeviceNodes], [dev.hostal.linux.Ownership],
///   [dev.hostal.linux.SparseFile], [dev.hostal.linux.Mounts], [dev.hostal.linux.FileLock].
///
/// Nothing here knows what an instance, a guest or an image is.
package dev.hostal.linux;
