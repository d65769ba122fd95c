/// Files between this computer and a guest, as `hostal cp` moves them: tar archives read and written, and trees of
/// files packed and unpacked. An archive from a guest is not trusted: it writes nothing outside the place it is meant for.
///
/// Source of the format: POSIX `pax`, "ustar Interchange Format" and "pax Interchange Format"; tar(5) for GNU's.
package dev.hostal.cli.files;
