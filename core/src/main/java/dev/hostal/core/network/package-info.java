/// What is wanted of networks: who is connected to which, with which addresses, and which ports of the host lead where.
/// ```
///   requests --> NetworkTable (journalled) --> plan --> Reconciler --> spi NetworkDriver
///   starts   --> plug, unplug ----------------^
/// ```
/// Nothing here knows bridges or the packet filter.
package dev.hostal.core.network;
