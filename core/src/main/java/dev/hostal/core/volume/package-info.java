/// Volumes: who has which, who needs which, and what happens to them.
/// ```
///   VolumeDesk    what faces ask for; each change is journalled first
///   Holdings      what instances need: claims while they are made, mounts when they start
///   VolumeTable   names and records
///   VolumeDisks   those that are disks, for points in time: one instance takes them, everybody else waits
///   LayeredVolumes  their content, once points in time of them are kept
/// ```
/// Where a volume's files are is the driver's business.
package dev.hostal.core.volume;
