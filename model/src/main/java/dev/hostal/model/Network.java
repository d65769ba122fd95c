package dev.hostal.model;

import java.time.Instant;

/// A network as it is known now.
///
/// @param device the bridge or interface on the host; empty where there is none
/// @param nics how many NICs of instances it has
public record Network(NetworkSpec spec, String device, Instant createdAt, int nics) {}
