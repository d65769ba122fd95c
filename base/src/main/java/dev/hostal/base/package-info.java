/// Types without a subject of their own, used by every module: [dev.hostal.base.Bytes],
/// [dev.hostal.base.Deadline], [dev.hostal.base.Undo], [dev.hostal.base.Problem] with its
/// [dev.hostal.base.ErrorCode], and the two checks of [dev.hostal.base.Check]. Nothing here does I/O.
package dev.hostal.base;
