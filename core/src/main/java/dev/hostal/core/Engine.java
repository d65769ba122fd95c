package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.RegistryLogin;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What the faces may ask of one node. Whatever takes time is an [Operation]; what is wrong with a request
/// is a [dev.hostal.base.Problem], thrown before anything has changed. Any thread may call.
public interface Engine extends AutoCloseable {
    /// When an image is looked for outside the store.
    enum Pull { MISSING, ALWAYS, NEVER }

    // ---- instances

    /// What an instance is whose kind nobody named: a container where this node can run them.
    default Kind defaultKind() {
        return Kind.VM;
    }

    /// Obtains the image and creates the instance, stopped. The operation's target is the new instance's id,
    /// known at once.
    ///
    /// @throws dev.hostal.base.Problem NAME_IN_USE
    Operation create(InstanceSpec spec, Pull pull);

    /// The same for somebody who is known by something of their own at the image's registry.
    default Operation create(InstanceSpec spec, Pull pull, Optional<RegistryLogin> login) {
        return create(spec, pull);
    }

    /// The same for one that is started at once, and may go on from a checkpoint: then it may have a machine that waits.
    default Operation createToRun(InstanceSpec spec, Pull pull, Optional<RegistryLogin> login) {
        return create(spec, pull, login);
    }

    Operation start(InstanceId id);

    /// @param cold boots, even where a checkpoint of the same image could be gone on from
    default Operation start(InstanceId id, boolean cold) {
        return start(id);
    }

    /// Keeps its memory on disk and ends its machine; a start goes on from there.
    default Operation suspend(InstanceId id) {
        throw noPointsInTime();
    }

    /// @param timeout how long the guest is asked before it is killed; empty: as its spec says
    default Operation stop(InstanceId id, Optional<Duration> timeout) {
        return stop(id, timeout, Optional.empty());
    }

    /// @param signal that asks it; empty: as its spec or its image says
    Operation stop(InstanceId id, Optional<Duration> timeout, Optional<String> signal);

    /// Sends the signal to the instance's program; `KILL` ends the machine at once.
    Operation kill(InstanceId id, String signal);

    default Operation restart(InstanceId id, Optional<Duration> timeout) {
        return restart(id, timeout, Optional.empty());
    }

    /// @param signal that asks it to end; empty: as its spec or its image says
    Operation restart(InstanceId id, Optional<Duration> timeout, Optional<String> signal);

    Operation pause(InstanceId id);

    Operation resume(InstanceId id);

    /// @param force kills a running machine first; otherwise a running instance is refused with WRONG_PHASE
    Operation delete(InstanceId id, boolean force);

    /// @throws dev.hostal.base.Problem NAME_IN_USE
    Instance rename(InstanceId id, InstanceName name) throws IOException, InterruptedException;

    /// Finds by name, by id, or by the beginning of an id that fits one instance only.
    ///
    /// @throws dev.hostal.base.Problem INSTANCE_NOT_FOUND
    Instance get(String nameOrId);

    /// In order of creation.
    List<Instance> list();

    /// Waits until the instance is stopped or failed (or deleted).
    ///
    /// @return how its program ended; empty where the deadline came first
    Optional<ExitStatus> waitForExit(InstanceId id, Deadline deadline) throws InterruptedException;

    /// The streams of the instance's program. May be asked for before the start: then the next start holds
    /// the program's output for it, and nothing is lost.
    GuestProcess attach(InstanceId id, Deadline deadline) throws IOException, InterruptedException;

    /// Says that a program is about to be asked for, so that it starts the sooner. Changes nothing.
    void expectExec(InstanceId id);

    /// @param process as wanted; environment, user and working directory not named are the image's
    GuestProcess exec(InstanceId id, ProcessSpec process, Optional<TerminalSize> size, Deadline deadline)
            throws IOException, InterruptedException;

    InputStream readTar(InstanceId id, String path, Deadline deadline) throws IOException, InterruptedException;

    OutputStream writeTar(InstanceId id, Unpacking unpacking, Deadline deadline) throws IOException, InterruptedException;

    default OutputStream writeTar(InstanceId id, String folder, Deadline deadline) throws IOException, InterruptedException {
        return writeTar(id, Unpacking.into(folder), deadline);
    }

    ByteChannel console(InstanceId id) throws IOException;

    ByteChannel connect(InstanceId id, int port, Deadline deadline) throws IOException, InterruptedException;

    MachineLogs logs(InstanceId id);

    MachineStats stats(InstanceId id) throws IOException;

    default Upkeep upkeep() {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node does not look after instances that exist.");
    }

    // ---- points in time and copies

    default Snapshots snapshots() {
        throw noPointsInTime();
    }

    default Copies copies() {
        throw noPointsInTime();
    }

    default Pools pools() {
        throw noPointsInTime();
    }

    private static Problem noPointsInTime() {
        return new Problem(ErrorCode.UNSUPPORTED, "This node keeps no points in time of its instances.");
    }

    // ---- networks

    Networks networks();

    // ---- images

    List<Images.Image> images() throws IOException;

    default Operation pullImage(ImageReference reference, Optional<Arch> arch) {
        return pullImage(reference, arch, Optional.empty());
    }

    /// @param login of whoever asks; otherwise what this host keeps
    Operation pullImage(ImageReference reference, Optional<Arch> arch, Optional<RegistryLogin> login);

    /// Asks the registry whether it takes the login, which is not kept.
    ///
    /// @throws dev.hostal.base.Problem REGISTRY_FAILED, REGISTRY_UNREACHABLE
    void checkLogin(RegistryLogin login) throws IOException, InterruptedException;

    /// Looks for repositories of a registry.
    ///
    /// @throws dev.hostal.base.Problem REGISTRY_FAILED, REGISTRY_UNREACHABLE
    default List<ImageExchange.Found> searchImages(String registry, String term, int limit, Optional<RegistryLogin> login)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node asks no registry.");
    }

    /// What a registry has under a name; nothing of it is fetched.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, REGISTRY_FAILED, REGISTRY_UNREACHABLE
    default ImageExchange.Remote describeImage(ImageReference reference, Optional<RegistryLogin> login)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node asks no registry.");
    }

    /// @param arch where it is here for several; the host's where none is named
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    Images.Details image(ImageReference reference, Optional<Arch> arch) throws IOException;

    /// Gives an image another name too; another image that had it loses it.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    void tagImage(ImageReference source, ImageReference name) throws IOException;

    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    Operation pushImage(PushSpec wanted) throws IOException;

    /// Writes images as one archive; nothing is written where one of them is not here.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    void saveImages(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form, Compression compression,
            OutputStream out, Deadline deadline) throws IOException, InterruptedException;

    /// Takes in the images of an archive as it comes.
    ///
    /// @param name in place of the names in the archive
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE: nothing of it was kept
    List<Images.Image> loadImages(InputStream archive, Optional<ImageReference> name, Deadline deadline)
            throws IOException, InterruptedException;

    /// Makes an image of a root file system's tar as it comes.
    ///
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE: nothing of it was kept
    Images.Image importImage(InputStream tar, ImageReference name, Optional<Arch> arch, Images.Program program,
            Deadline deadline) throws IOException, InterruptedException;

    default Builds builds() {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node builds no images.");
    }

    /// Removes images that no instance needs: those without a name, or all.
    Images.Pruned pruneImages(boolean all) throws IOException;

    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, IMAGE_IN_USE
    void deleteImage(ImageReference reference) throws IOException;

    // ---- volumes

    Volumes volumes();

    // ---- operations, events, host

    Operations operations();

    Events events();

    List<Probe> probes() throws IOException, InterruptedException;

    /// Lets go of everything; machines run on.
    @Override void close();
}
