package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// The agent as a static program for each architecture, compiled by the host's compilers when first needed.
public final class AgentBinary {
    private static final List<String> SOURCES = List.of("agent.h", "boot.c", "container.c", "copy.c", "dhcp.c",
            "disk.c", "identity.c", "inside.c", "log.c", "loop.c", "main.c", "mounts.c", "network.c", "power.c",
            "process.c", "root.c", "service.c", "share.c", "stream.c", "switch.c", "tarin.c", "tarout.c", "volumes.c", "wire.c");
    private static final List<String> FLAGS = List.of("-std=gnu11", "-static", "-O2", "-s", "-Wall", "-Wextra",
            "-D_FILE_OFFSET_BITS=64", "-D_TIME_BITS=64");
    private static final String COMPILING = "compiling-";
    private static final int SHORT_DIGEST = 16;
    private static final int SAID_MAX = 4000;

    private final Path folder;
    private volatile Optional<String> digest = Optional.empty();

    /// @param folder where compiled agents are kept, by the digest of their source; made when missing
    public AgentBinary(Path folder) {
        this.folder = folder;
    }

    /// Removes what a compilation has left whose process was killed. For whoever has the folder alone.
    public synchronized void removeUnfinished() throws IOException {
        if (!Files.isDirectory(folder)) return;
        try (var unfinished = Files.newDirectoryStream(folder, COMPILING + "*")) {
            for (var one : unfinished) {
                delete(one);
            }
        }
    }

    /// Debian's packages with which the agent is compiled for that architecture on this host.
    public static List<String> packages(Arch arch) {
        if (isHosts(arch)) return List.of("gcc", "libc6-dev");
        return List.of("gcc-" + triple(arch).replace('_', '-'), "libc6-dev-" + arch.debian() + "-cross");
    }

    /// The agent, where it was compiled before: no compiler is needed then, nor looked for.
    public Optional<Path> find(Arch arch) throws IOException {
        if (digest.isEmpty()) digest = Optional.of(digest(sources()));
        return Optional.of(place(arch, digest.get())).filter(Files::isExecutable);
    }

    private Path place(Arch arch, String version) {
        return folder.resolve("agent-%s-%s".formatted(arch.word(), version));
    }

    /// The agent, executable; compiled now or found.
    ///
    /// @throws Problem ENGINE_MISSING: the compiler or its library is not installed; the message names the
    /// packages
    public synchronized Path of(Arch arch, Deadline deadline) throws IOException, InterruptedException {
        var sources = sources();
        var program = place(arch, digest(sources));
        if (Files.isExecutable(program)) return program;
        Files.createDirectories(folder);
        var work = Files.createTempDirectory(folder, COMPILING);
        try {
            var compiled = compile(arch, sources, work, deadline);
            // Another daemon may do the same at the same time: the last one's, which is equal, stays.
            Files.move(compiled, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return program;
        } finally {
            delete(work);
        }
    }

    private static Path compile(Arch arch, Map<String, byte[]> sources, Path work, Deadline deadline)
            throws IOException, InterruptedException {
        var argv = new ArrayList<String>();
        argv.add(isHosts(arch) ? "gcc" : triple(arch) + "-gcc");
        argv.addAll(FLAGS);
        argv.addAll(List.of("-o", "agent"));
        for (var source : sources.entrySet()) {
            Files.write(work.resolve(source.getKey()), source.getValue());
            if (source.getKey().endsWith(".c")) argv.add(source.getKey());
        }
        var output = work.resolve("messages");
        int status = run(argv, work, output, arch, deadline);
        if (status == 0) return work.resolve("agent");
        var said = Files.readString(output);
        if (said.contains("cannot find -lc") || said.contains("fatal error: errno.h")) throw missing(arch);
        throw new IOException("%s could not compile the agent for %s: %s"
                .formatted(argv.getFirst(), arch.word(), said.substring(0, Math.min(said.length(), SAID_MAX))));
    }

    private static int run(List<String> argv, Path work, Path output, Arch arch, Deadline deadline)
            throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(argv).directory(work.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
        } catch (IOException e) {
            throw missing(arch);        // The only thing that differs from a host that has it.
        }
        try {
            if (process.waitFor(deadline.millisLeft(), TimeUnit.MILLISECONDS)) return process.exitValue();
            throw new IOException("%s did not compile the agent in time".formatted(argv.getFirst()));
        } finally {
            process.destroyForcibly();
        }
    }

    private static Problem missing(Arch arch) {
        return new Problem(ErrorCode.ENGINE_MISSING, """
                This host has no compiler for the agent of %s guests.
                Maybe install the packages %s.""".formatted(arch.word(), String.join(" ", packages(arch))));
    }

    private static boolean isHosts(Arch arch) {
        var host = System.getProperty("os.arch");
        return host.equals(arch.oci()) || host.equals(arch.uname());
    }

    /// GNU's name of the architecture with Debian's system. Source: dpkg's cputable and ostable.
    private static String triple(Arch arch) {
        return switch (arch) {
            case X86_64 -> "x86_64-linux-gnu";
            case I386 -> "i686-linux-gnu";
            case AARCH64 -> "aarch64-linux-gnu";
            case ARMHF -> "arm-linux-gnueabihf";
            case RISCV64 -> "riscv64-linux-gnu";
            case PPC64LE -> "powerpc64le-linux-gnu";
            case S390X -> "s390x-linux-gnu";
        };
    }

    private static Map<String, byte[]> sources() throws IOException {
        var sources = new TreeMap<String, byte[]>();
        for (var name : SOURCES) {
            try (var source = AgentBinary.class.getResourceAsStream(name)) {
                if (source == null) throw new IOException("the agent's source %s is missing".formatted(name));
                sources.put(name, source.readAllBytes());
            }
        }
        return sources;
    }

    private static String digest(Map<String, byte[]> sources) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(String.join(" ", FLAGS).getBytes(StandardCharsets.UTF_8));
            sources.values().forEach(sha256::update);
            return HexFormat.of().formatHex(sha256.digest()).substring(0, SHORT_DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
