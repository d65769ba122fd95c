package dev.hostal.core.volume;

import dev.hostal.base.Bytes;
import dev.hostal.core.StateLog;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.core.operation.OperationTable.Ending;
import dev.hostal.model.Instance;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Where changes of volumes are written, and told.
///
/// @param instances all there are
public record Records(Journal journal, OperationTable operations, EventLog events, StateLog log, Clock clock,
        RandomGenerator random, Supplier<List<Instance>> instances) {
    /// A new volume; one without a name has its id for it.
    Volume volume(Optional<VolumeName> name, Optional<Bytes> size, Map<String, String> labels) {
        VolumeId id;
        synchronized (random) {
            id = VolumeId.random(random);
        }
        return new Volume(id, name.orElseGet(() -> new VolumeName(id.value())), size, false, Optional.empty(), labels,
                Optional.empty(), false, clock.instant());
    }

    void tell(String event, Volume volume) {
        events.publish(event, volume.id().value(), Map.of("name", volume.name().value()));
        log.info(event, "volume", volume.name(), "id", volume.id());
    }

    void end(Ending ending) throws InterruptedException {
        journal.writeForSure(List.of(), ending.writes());
        operations.end(ending);
    }
}
