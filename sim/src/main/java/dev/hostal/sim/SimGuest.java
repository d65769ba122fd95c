package dev.hostal.sim;

import dev.hostal.base.Deadline;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.Guest;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Unpacking;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A daemon's connection to the guest of a simulated machine.
final class SimGuest implements Guest {
    /// Source: RFC 862, the echo service.
    private static final int ECHO_PORT = 7;

    private final SimSession session;
    private final SimVm vm;
    private final CompletableFuture<Void> lost;

    SimGuest(SimSession session, SimVm vm, CompletableFuture<Void> lost) {
        this.session = session;
        this.vm = vm;
        this.lost = lost;
    }

    @Override public void runMain(boolean attached, Deadline deadline) throws IOException {
        reach("guest.runMain", vm::runMain);
    }

    @Override public GuestProcess attachMain(Deadline deadline) throws IOException {
        reach("guest.attachMain");
        return vm.main().orElseThrow(() -> new IOException("the guest runs its own init, which has no streams"))
                .attach(false, lost);
    }

    @Override public Optional<ExitStatus> mainExit() {
        return Optional.ofNullable(vm.mainEnd().getNow(null));
    }

    @Override public ExitStatus waitForMain() throws IOException, InterruptedException {
        CompletableFuture<Object> either = CompletableFuture.anyOf(vm.mainEnd(), vm.end());
        Waits.either(either, lost);
        return mainExit().orElse(ExitStatus.KILLED);
    }

    @Override public void signalMain(String signal, Deadline deadline) throws IOException {
        reach("guest.signalMain", () -> vm.main().ifPresent(main -> main.signal(signal)));
    }

    @Override public GuestProcess exec(ProgramSpec program, Deadline deadline) throws IOException {
        reach("guest.exec");
        var process = vm.exec(program);
        var streams = process.attach(true, lost);
        process.start();
        return streams;
    }

    @Override public InputStream readTar(String path, Deadline deadline) throws IOException {
        reach("guest.readTar");
        var archive = SimTar.write(vm.files(), path);
        return new ByteArrayInputStream(archive);
    }

    /// Simulated files have neither owners nor folders of their own.
    @Override public OutputStream writeTar(Unpacking unpacking, Deadline deadline) throws IOException {
        reach("guest.writeTar");
        return new ByteArrayOutputStream() {
            private boolean unpacked;

            @Override public void close() throws IOException {
                if (unpacked) return;
                unpacked = true;
                vm.write(SimTar.read(toByteArray(), unpacking.folder()));
            }
        };
    }

    @Override public List<String> addresses(Deadline deadline) throws IOException {
        reach("guest.addresses");
        return vm.addresses();
    }

    @Override public ByteChannel connect(int port, Deadline deadline) throws IOException {
        reach("guest.connect");
        if (port != ECHO_PORT) throw new IOException("connection refused by port %d of the guest".formatted(port));
        return new EchoChannel("");
    }

    @Override public void shutdown(Deadline deadline) throws IOException {
        reach("guest.shutdown", vm::shutdown);
    }

    private void reach(String call) throws IOException {
        reach(call, () -> {});
    }

    private void reach(String call, Runnable effect) throws IOException {
        if (vm.end().isDone()) throw new IOException("the guest is gone");
        session.call(call, effect);
    }
}
