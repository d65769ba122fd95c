/// Volumes as folders and files under the home:
/// ```
///   volumes/<id>/data/       the files of a volume of files
///   volumes/<id>/disk.raw    the disk of a block volume
///   volumes/<id>/new…        what is being made; removed when it is made again
/// ```
/// Nothing here knows who uses a volume, or its name.
package dev.hostal.storage;
