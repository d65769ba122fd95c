/// What is wanted of networks: who is connected to which, with which addresses, and which ports of the host lead where.
/// ```
///   requests --> NetworkTable, JournalledNics, -Ports, -Groups --+
///   starts   --> MachineNetworks: plug, unplug ------------------+--> Wanted --> plan --> Reconciler --> spi NetworkDriver
/// ```
/// All of them change [Wanted], under its lock and after the journal. What is decided is decided by pure functions beside
/// them: addresses, which NICs go together, what the host is to be ([Plugs]), who reaches whom ([Reach]).
/// Nothing here knows bridges or the packet filter.
package dev.hostal.core.network;
