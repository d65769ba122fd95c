/// The driver of virtual machines: QEMU in an OCI domain, found again after a restart.
package dev.hostal.qemu;
