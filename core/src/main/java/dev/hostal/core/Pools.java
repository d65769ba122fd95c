package dev.hostal.core;

import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Pool;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Forks of warmed instances that wait to be taken.
public interface Pools {
    /// Makes a pool of a running instance, which goes on; the operation ends when all of its forks wait.
    ///
    /// @param ready how many are to wait, 1..[Pool#READY_MAX]
    /// @throws dev.hostal.base.Problem NAME_IN_USE, UNSUPPORTED, WRONG_PHASE
    Operation create(InstanceName name, InstanceId source, int ready);

    List<Pool> list();

    /// @throws dev.hostal.base.Problem POOL_NOT_FOUND
    Pool get(String name);

    /// Hands one out, running; another is made ready behind it.
    ///
    /// @param name of the instance; empty: the pool's with a number
    /// @throws dev.hostal.base.Problem POOL_NOT_FOUND, NAME_IN_USE, BUSY where none is ready in time
    Instance take(String pool, Optional<InstanceName> name) throws IOException, InterruptedException;

    /// Ends and deletes those that wait; those that were taken stay.
    Operation delete(String pool);
}
