/// A host that exists in memory: machines boot, run tiny programs, crash and fill their disks, images come from
/// a make-believe registry. A daemon sees it through a [SimSession], which can be made to fail or to die at any
/// call, while the machines run on, as they do on a real host.
/// ```
///   SimHost ── SimBox (folders, logs, machine of one instance) ── SimVm ── SimProcess (a program in its guest)
///      └────── SimSession (one daemon's life) ── SimDriver, SimImages ── SimMachine, SimGuest
/// ```
package dev.hostal.sim;
