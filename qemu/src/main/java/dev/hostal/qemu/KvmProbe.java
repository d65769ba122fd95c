package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds out whether KVM runs guests here, by running one. That `/dev/kvm` opens proves nothing: on some hosts
/// its guests are interpreted and no kernel ever comes up.
final class KvmProbe {
    /// How long the stub may take. Measured: 0.5 s under TCG on a busy machine.
    private static final Duration STUB_MAX = Duration.ofSeconds(3);

    /// @param reason what was tried and what came of it
    /// @param remedy empty where it works
    record Verdict(boolean works, String reason, String remedy) {}

    private final QemuHost host;
    private final Processes processes;
    private final Path folder;

    /// @param folder keeps the verdict
    KvmProbe(QemuHost host, Processes processes, Path folder) {
        this.host = host;
        this.processes = processes;
        this.folder = folder;
    }

    /// The verdict for this boot of the host and this QEMU, found now or earlier.
    synchronized Verdict verdict(Path program) throws IOException, InterruptedException {
        var key = key(program);
        var known = read().filter(kept -> kept.text("key").equals(key));
        if (known.isPresent()) return verdict(known.get());
        return tryAgain(program);
    }

    /// The verdict, found now, whatever was found earlier.
    synchronized Verdict tryAgain(Path program) throws IOException, InterruptedException {
        var verdict = attempt(program);
        Files.createDirectories(folder);
        JsonFile.write(file(), new JsonObject().put("key", key(program)).put("works", verdict.works())
                .put("reason", verdict.reason()).put("remedy", verdict.remedy()));
        return verdict;
    }

    private Verdict attempt(Path program) throws IOException, InterruptedException {
        if (!Files.exists(host.kvmDevice())) {
            return new Verdict(false, "there is no " + host.kvmDevice(),
                    "Load the module kvm_intel or kvm_amd, or switch on virtualization in the firmware.");
        }
        if (!Files.isReadable(host.kvmDevice()) || !Files.isWritable(host.kvmDevice())) {
            return new Verdict(false, host.kvmDevice() + " may not be opened by this user",
                    "Add the user to the group of " + host.kvmDevice() + ", usually kvm.");
        }
        var stub = KvmStub.of(host.arch());
        if (stub.isEmpty()) {
            return new Verdict(false, "no test program is known for " + host.arch().word(), "");
        }
        var remedy = "Use a host whose hypervisor allows nested virtualization with hardware support.";
        var image = Files.createTempFile("hostal-kvm", ".bin");
        try {
            Files.write(image, stub.get().image());
            var exit = processes.run(Command.of(argv(program, stub.get(), "kvm", "host", image)),
                    Deadline.in(STUB_MAX));
            if (exit.status() == stub.get().exitStatus()) {
                return new Verdict(true, "a 64-bit test program ran", "");
            }
            return new Verdict(false, "a 64-bit test program did not run: QEMU ended with status %d%s"
                    .formatted(exit.status(), lastLine(exit.stderr())), remedy);
        } catch (CommandTimedOut _) {
            return new Verdict(false, "a 64-bit test program did not end within %d s: this KVM interprets or hangs"
                    .formatted(STUB_MAX.toSeconds()), remedy);
        } finally {
            Files.deleteIfExists(image);
        }
    }

    /// QEMU with the stub and little else.
    List<String> argv(Path program, KvmStub stub, String accelerator, String cpu, Path image) {
        var argv = new ArrayList<>(List.of(program.toString(), "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-machine", Board.of(host.arch()).type(), "-accel", accelerator, "-cpu", cpu,
                "-m", "128", "-kernel", image.toString()));
        argv.addAll(stub.options());
        return argv;
    }

    /// What a verdict depends on, as far as it can be seen from outside.
    private String key(Path program) throws IOException {
        var device = host.kvmDevice();
        var seen = Files.exists(device)
                ? "%s %s".formatted(Files.getAttribute(device, "unix:ctime"),
                        Files.isReadable(device) && Files.isWritable(device))
                : "none";
        return "%s %s %s %s".formatted(host.bootId(), program,
                Files.exists(program) ? Files.getLastModifiedTime(program) : "none", seen);
    }

    private Optional<JsonObject> read() throws IOException {
        if (!Files.exists(file())) return Optional.empty();
        try {
            var kept = JsonObject.parse(Files.readString(file()));
            kept.text("key");
            verdict(kept);
            return Optional.of(kept);
        } catch (JsonException _) {
            return Optional.empty();        // cut off or by another version: found again
        }
    }

    private static Verdict verdict(JsonObject kept) {
        return new Verdict(kept.bool("works"), kept.text("reason"), kept.text("remedy"));
    }

    private Path file() {
        return folder.resolve("kvm.json");
    }

    private static String lastLine(String stderr) {
        var text = stderr.strip();
        return text.isEmpty() ? "" : ", " + text.substring(text.lastIndexOf('\n') + 1);
    }
}
