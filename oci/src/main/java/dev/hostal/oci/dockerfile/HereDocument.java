package dev.hostal.oci.dockerfile;

/// Text that stands in the Dockerfile itself.
///
/// @param name the word that ends it
/// @param expand variables in it are filled in: its name was not quoted
/// @param fileDescriptor as written before `<<`; 0 where none is
public record HereDocument(String name, boolean expand, int fileDescriptor, String content) {}
