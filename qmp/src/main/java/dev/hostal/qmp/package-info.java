/// The QEMU Machine Protocol, as a client. One [dev.hostal.qmp.QmpClient] is one connection:
/// ```
///   caller --call(QmpCommand)--> outbox --writer thread--> QEMU
///   caller <--result or QmpException-- by id <--reader thread-- QEMU
///   QmpListener <--events, in order-- event thread <-- bounded queue <-- reader thread
/// ```
/// Nothing here knows why a command is sent, or how QEMU was started.
///
/// Source: docs/interop/qmp-spec.txt and qapi/*.json of QEMU 7.2.
package dev.hostal.qmp;
