package dev.hostal.client;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.ForkV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.PoolV1;
import dev.hostal.api.ScheduleV1;
import dev.hostal.api.SnapshotV1;
import dev.hostal.api.SnapshotsV1;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The calls of `/v1` about points in time and copies.
public interface Points {
    SnapshotsV1 snapshots(String ref) throws IOException;

    SnapshotV1 snapshot(String ref, String name) throws IOException;

    OperationV1 create(String ref, CreateSnapshotV1 body) throws IOException;

    /// @param force also of an instance that runs
    OperationV1 restore(String ref, String name, boolean force) throws IOException;

    OperationV1 delete(String ref, String name) throws IOException;

    SnapshotV1 rename(String ref, String name, Optional<String> other, Optional<String> description) throws IOException;

    void schedule(String ref, ScheduleV1 schedule) throws IOException;

    void unschedule(String ref) throws IOException;

    /// @param ago seconds
    OperationV1 rewind(String ref, long ago) throws IOException;

    OperationV1 clone(String ref, CloneV1 body) throws IOException;

    /// @return its results are the ids of the forks
    OperationV1 fork(ForkV1 body) throws IOException;

    List<PoolV1> pools() throws IOException;

    PoolV1 pool(String name) throws IOException;

    OperationV1 createPool(CreatePoolV1 body) throws IOException;

    /// @param name of the instance; one is made up where it is empty
    InstanceV1 take(String pool, Optional<String> name) throws IOException;

    OperationV1 deletePool(String name) throws IOException;
}
