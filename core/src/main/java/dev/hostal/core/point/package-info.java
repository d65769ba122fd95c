/// The disks and checkpoints of a node: who needs which, and what follows from it. A disk lies over at most one other;
/// instances, volumes, snapshots, pools and warm guests need disks; what lies under a needed disk is needed, too. What nobody
/// needs is removed, and what only carries one other is merged into it.
///
/// Nothing here decides about instances, and nothing here knows QEMU.
package dev.hostal.core.point;
