package dev.hostal.model;

import java.time.Instant;
import java.util.List;

/// A network as it is known now.
///
/// @param device the bridge or interface on the host; empty where there is none
/// @param nics how many NICs of instances it has
/// @param reservations by name
public record Network(NetworkSpec spec, String device, Instant createdAt, int nics,
        List<Reservation> reservations) {
    public Network {
        reservations = List.copyOf(reservations);
    }
}
