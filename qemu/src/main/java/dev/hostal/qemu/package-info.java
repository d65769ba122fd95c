/// The driver of virtual machines. [dev.hostal.qemu.QemuMachines] starts, finds and removes them:
/// ```
///   MachineSpec --QemuCommandLine--> argv --Domains--> QEMU --sockets--> QmpClient, agent, console
///                    ^                                   |
///        Board (one for each architecture)               +--files--> output.log, console.log
///        Accelerator (found by KvmProbe)
/// ```
/// Everything that is needed to find a machine again is in its runtime folder ([dev.hostal.qemu.MachineFiles]):
/// nothing here is remembered only in memory. Nothing here knows instances, images or the store.
package dev.hostal.qemu;
