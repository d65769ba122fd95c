/// Processes, cgroups, mounts, links and file descriptors of a Linux host: the only native access.
package dev.hostal.linux;
