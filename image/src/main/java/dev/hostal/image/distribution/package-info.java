/// The distribution's own packages, as this host is configured to obtain them.
/// ```
///   /etc/apt  --AptSources-->  entries  --DistributionSources-->  entries of another release
///                                                    |
///            AptArea (own lists, cache, status) <----+----> mmdebstrap
///               |                                              |
///             single .deb files                         a root file system
///               |                                              |
///     kernels, TinyImage                                  DebianImage
/// ```
/// No name of a mirror is written here: what the host does not know, this package does not know either.
/// Nothing of the host's own package system is written to.
package dev.hostal.image.distribution;
