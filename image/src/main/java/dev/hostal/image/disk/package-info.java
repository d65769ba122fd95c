/// Disks that firmware boots, made of images.
/// ```
///   LBA 0     boot code of GRUB (Grub), protective MBR   } Gpt
///       1     partition table                            }
///    2048     GRUB for a BIOS
///    4096     FAT (FatVolume): GRUB for UEFI, its configuration, kernel, initramfs with the agent
///       …     ext4 (RootFileSystem): the image's files, and nothing else
/// ```
/// The same image, size, kernel and agent make the same bytes. Nothing here runs a guest or knows the image store.
package dev.hostal.image.disk;
