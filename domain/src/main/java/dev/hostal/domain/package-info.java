/// Runs a process in an OCI domain: own namespaces, cgroup, files and limits, by runc or crun.
package dev.hostal.domain;
