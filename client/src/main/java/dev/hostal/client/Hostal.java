package dev.hostal.client;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.DaemonV1;
import dev.hostal.api.EventV1;
import dev.hostal.api.ExecV1;
import dev.hostal.api.ImageDetailsV1;
import dev.hostal.api.ImageV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.ProbeV1;
import dev.hostal.api.PrunedV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.api.StatsV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Every call of `/v1`, blocking. A reply of 400 and above is an [ApiException]; a daemon that cannot be
/// reached is another [IOException]. Any thread may call; every call is a connection of its own.
public interface Hostal {
    /// The same daemon, told with each request what the caller is known by at a registry.
    default Hostal as(RegistryLoginV1 login) {
        return this;
    }

    /// Asks the registry whether it takes the login.
    ///
    /// @throws ApiException it does not
    void checkLogin(RegistryLoginV1 login) throws IOException;

    DaemonV1 daemon() throws IOException;

    void stopDaemon() throws IOException;

    List<ProbeV1> doctor() throws IOException;

    List<InstanceV1> instances() throws IOException;

    InstanceV1 instance(String ref) throws IOException;

    OperationV1 create(CreateInstanceV1 body) throws IOException;

    /// @param verb `start`, `stop`, `kill`, `restart`, `pause`, `resume`, `suspend` or `flatten`
    /// @param query such as `timeout` or `signal`
    OperationV1 act(String ref, String verb, Map<String, String> query) throws IOException;

    OperationV1 delete(String ref, boolean force) throws IOException;

    InstanceV1 rename(String ref, String name) throws IOException;

    /// Waits as long as it takes.
    int waitForExit(String ref) throws IOException;

    StatsV1 stats(String ref) throws IOException;

    /// Each piece of the log (`time`, `stream`, base64 `data`) as it comes, until the log ends.
    void logs(String ref, Map<String, String> query, Consumer<JsonObject> piece) throws IOException;

    /// A tar archive; to be closed.
    InputStream readFiles(String ref, String path) throws IOException;

    void writeFiles(String ref, String folder, InputStream tar) throws IOException;

    Streams attach(String ref) throws IOException;

    Streams exec(String ref, ExecV1 body) throws IOException;

    Streams console(String ref) throws IOException;

    Streams connect(String ref, int port) throws IOException;

    /// Snapshots, copies and pools.
    Points points();

    Upkeep upkeep();

    /// Operations under way and the last that ended.
    List<OperationV1> operations() throws IOException;

    List<ImageV1> images() throws IOException;

    OperationV1 pull(String reference, Optional<String> arch) throws IOException;

    ImageDetailsV1 image(String reference, Optional<String> arch) throws IOException;

    void tag(String source, String name) throws IOException;

    /// @param target its name in the registry, where that is another
    /// @param compression of its layers, where it matters
    OperationV1 push(String source, Optional<String> target, Optional<String> arch, Optional<String> compression)
            throws IOException;

    PrunedV1 pruneImages(boolean all) throws IOException;

    /// A tar archive; to be closed.
    ///
    /// @param query `form`, `arch`, `compression`
    InputStream saveImages(List<String> references, Map<String, String> query) throws IOException;

    /// @param name in place of the names in the archive
    List<ImageV1> loadImages(InputStream archive, Optional<String> name) throws IOException;

    /// @param query `name`, `arch`, `program`
    ImageV1 importImage(InputStream tar, Map<String, String> query) throws IOException;

    void deleteImage(String reference) throws IOException;

    HostalVolumes volumes();

    HostalBuilds builds();

    HostalNetworks networks();

    OperationV1 operation(String id) throws IOException;

    void cancel(String operation) throws IOException;

    /// Follows an operation to its end, telling each change.
    ///
    /// @return its last picture
    /// @throws ApiException it failed: the operation's own error
    OperationV1 follow(OperationV1 operation, Consumer<OperationV1> change) throws IOException;

    /// Events until the consumer returns false or the daemon goes.
    void events(Map<String, String> query, Predicate<EventV1> more) throws IOException;

    /// A WebSocket that speaks [dev.hostal.api.Channels]. One thread may send while another receives.
    interface Streams extends AutoCloseable {
        void sendStdin(byte[] bytes, int offset, int length) throws IOException;

        /// End of file for the program's standard input; output goes on.
        void closeStdin() throws IOException;

        void resize(int columns, int rows) throws IOException;

        void signal(String signal) throws IOException;

        /// Hands each message to the sink, until the exit status or the end.
        ///
        /// @return the exit status, where one came (consoles and connections have none)
        /// @throws ApiException the daemon sent an error
        OptionalInt receive(Sink sink) throws IOException;

        @Override void close();

        /// Takes what a program writes.
        interface Sink {
            default void started() {}

            void stdout(byte[] bytes, int offset, int length) throws IOException;

            void stderr(byte[] bytes, int offset, int length) throws IOException;
        }
    }
}
