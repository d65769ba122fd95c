/// Client of the QEMU monitor: commands, events, schema.
package dev.hostal.qmp;
