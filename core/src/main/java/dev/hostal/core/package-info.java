/// The core of one node: what may be asked of it ([Engine]) and what has it done ([NodeEngine]).
/// ```
///   NodeEngine ──> Registry ──> InstanceOwner (one per instance) ──> Work ──> spi: drivers, images
///        │                          │
///        ├──> Creation, ImageDesk   └──> Journal ──> store
///        └──> OperationTable, EventLog
/// ```
/// Faces (HTTP, command line) translate and decide nothing; drivers act and decide nothing.
package dev.hostal.core;
