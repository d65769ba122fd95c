package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import java.util.Optional;

/// Everything a driver needs to start a machine.
///
/// @param hostname of the guest
/// @param mac of its only NIC, such as `52:54:00:12:34:56`
/// @param program what [Guest#runMain] runs; empty: the image's own init is booted
public record MachineSpec(
        InstanceId id,
        String hostname,
        Arch arch,
        int cpus,
        Bytes memory,
        Bytes diskSize,
        RootImage root,
        String mac,
        Optional<ProgramSpec> program) {
    public MachineSpec {
        require(cpus >= 1, "a machine has at least one CPU");
    }
}
