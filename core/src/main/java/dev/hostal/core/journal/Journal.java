package dev.hostal.core.journal;

import static dev.hostal.base.Check.check;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.json.JsonException;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.store.NoSpaceException;
import dev.hostal.store.Store;
import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Outcome;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// What was meant, on disk before it is done. Any thread may write; each record has one writer.
public final class Journal {
    private static final String INSTANCES = "/instances/";
    private static final String NAMES = "/names/";
    private static final String OPERATIONS = "/operations/";

    private static final String VOLUMES = "/volumes/";
    private static final String VOLUME_NAMES = "/volume-names/";

    /// Pause between two tries to write what has already happened. Chosen.
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    /// A record and the revision that wrote it.
    public record Kept<T>(T record, long revision) {}

    private final Store store;
    private final StateLog log;
    private volatile boolean closed;

    public Journal(Store store, StateLog log) {
        this.store = store;
        this.log = log;
    }

    public static Write put(InstanceRecord record) {
        return new Write.Put(keyOf(record.id()), InstanceRecordV1.toText(record));
    }

    public static Write put(OperationRecord record) {
        return new Write.Put(OPERATIONS + record.id(), OperationRecordV1.toText(record));
    }

    public static Write put(InstanceName name, InstanceId id) {
        return new Write.Put(NAMES + name, id.value());
    }

    public static Write put(Volume volume) {
        return new Write.Put(VOLUMES + volume.id(), VolumeV1.toText(volume));
    }

    public static Write put(VolumeName name, VolumeId id) {
        return new Write.Put(VOLUME_NAMES + name, id.value());
    }

    public static Write delete(VolumeId id) {
        return new Write.Delete(VOLUMES + id);
    }

    public static Write delete(VolumeName name) {
        return new Write.Delete(VOLUME_NAMES + name);
    }

    public static Compare absent(VolumeName name) {
        return new Compare.Absent(VOLUME_NAMES + name);
    }

    public static Write delete(InstanceId id) {
        return new Write.Delete(keyOf(id));
    }

    public static Write delete(InstanceName name) {
        return new Write.Delete(NAMES + name);
    }

    public static Write deleteOperation(String id) {
        return new Write.Delete(OPERATIONS + id);
    }

    public static Compare absent(InstanceName name) {
        return new Compare.Absent(NAMES + name);
    }

    public static Compare absent(InstanceId id) {
        return new Compare.Absent(keyOf(id));
    }

    public static Compare unchanged(InstanceId id, long revision) {
        return new Compare.Unchanged(keyOf(id), revision);
    }

    /// Writes what is meant to be done next.
    ///
    /// @return the new revision
    /// @throws Problem it is not written, and must not be done: NO_SPACE, INTERNAL
    public long write(List<Compare> compares, List<Write> writes) {
        try {
            return tryToWrite(compares, writes);
        } catch (NoSpaceException e) {
            throw new Problem(ErrorCode.NO_SPACE, e.getMessage(), e);
        } catch (IOException e) {
            throw new Problem(ErrorCode.INTERNAL, "What was asked for could not be written down, so nothing was done. "
                    + e.getMessage(), e);
        }
    }

    /// Writes what has already happened: tries until it is written, as it stays true.
    ///
    /// @return the new revision
    /// @throws InterruptedException the journal was closed meanwhile, or the thread interrupted
    public long writeForSure(List<Compare> compares, List<Write> writes) throws InterruptedException {
        while (true) {
            try {
                return tryToWrite(compares, writes);
            } catch (IOException e) {
                if (closed) throw new InterruptedException("the journal is closed");
                log.warn("journal.retry", "because", e.getMessage());
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    /// Nothing is written from here on.
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    public List<Kept<InstanceRecord>> instances() throws IOException {
        return read(INSTANCES, InstanceRecordV1::from);
    }

    /// In the order in which they were written last.
    public List<Kept<OperationRecord>> operations() throws IOException {
        var all = new ArrayList<>(read(OPERATIONS, OperationRecordV1::from));
        all.sort(Comparator.comparingLong(Kept::revision));
        return all;
    }

    public Map<InstanceName, InstanceId> names() throws IOException {
        var names = new TreeMap<InstanceName, InstanceId>(Comparator.comparing(InstanceName::value));
        for (var entry : store.list(NAMES)) {
            names.put(new InstanceName(entry.key().substring(NAMES.length())), new InstanceId(entry.value()));
        }
        return names;
    }

    public List<Kept<Volume>> volumes() throws IOException {
        return read(VOLUMES, VolumeV1::from);
    }

    public Map<VolumeName, VolumeId> volumeNames() throws IOException {
        var names = new TreeMap<VolumeName, VolumeId>(Comparator.comparing(VolumeName::value));
        for (var entry : store.list(VOLUME_NAMES)) {
            names.put(new VolumeName(entry.key().substring(VOLUME_NAMES.length())), new VolumeId(entry.value()));
        }
        return names;
    }

    /// Everything under a prefix, as it stands there.
    public List<Store.Entry> entries(String prefix) throws IOException {
        return store.list(prefix);
    }

    private long tryToWrite(List<Compare> compares, List<Write> writes) throws IOException {
        if (closed) throw new IOException("The daemon is ending.");
        var outcome = store.commit(compares, writes);
        check(!(outcome instanceof Outcome.Refused), "a record has one writer, but %s", outcome);
        return ((Outcome.Committed) outcome).revision();
    }

    <T> List<Kept<T>> read(String prefix, Function<String, T> reader) throws IOException {
        var records = new ArrayList<Kept<T>>();
        for (var entry : store.list(prefix)) {
            try {
                records.add(new Kept<>(reader.apply(entry.value()), entry.modRevision()));
            } catch (JsonException | IllegalArgumentException | DateTimeException e) {
                // To go on without it would be to take its machine for one that nobody owns, and remove it.
                throw new IOException("The record %s in the store cannot be read (%s); nothing was changed."
                        .formatted(entry.key(), e.getMessage()), e);
            }
        }
        return records;
    }

    private static String keyOf(InstanceId id) {
        return INSTANCES + id.value();
    }
}
