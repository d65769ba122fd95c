package dev.hostal.spi;

/// The verdict on one ability of this host, found by trying.
///
/// @param name stable, such as `kvm` or `qemu-x86_64`
/// @param works whether it works
/// @param required the main job cannot work without it
/// @param reason what was tried and what came of it
/// @param remedy what would help; empty where it works
public record Probe(String name, boolean works, boolean required, String reason, String remedy) {}
