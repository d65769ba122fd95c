/// Kernels for virtual machines: the distribution's own, or the one an image brings.
/// ```
///   .deb files ---unpack---> boot/vmlinuz-*, lib/modules/*     layers of an image ---+
///                                  |                                                |
///                 BootFile (what boots fastest)     ModuleTree -> GuestModules <----+
///                                  |                         |
///    <home>/kernels/<arch>/<key>/  kernel              modules/*.ko, modules.list
///                                                            |       + the agent
///                                                       initramfs-<digest of the agent>
/// ```
/// Nothing here runs a guest or knows how QEMU is told of the files.
package dev.hostal.image.kernel;
