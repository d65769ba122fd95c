package dev.hostal.model;

import java.util.Optional;

/// What a linked clone lies over, and cannot do without until it is flattened.
///
/// @param snapshot of that instance; empty where the clone was made of the instance itself
public record Origin(InstanceId instance, Optional<SnapshotId> snapshot) {}
