/// The waist between the core and the drivers. A [dev.hostal.spi.MachineDriver] starts, finds and removes
/// [dev.hostal.spi.Machine]s; a machine has a [dev.hostal.spi.Guest] to talk to. Drivers never see instances,
/// the store or each other.
package dev.hostal.spi;
