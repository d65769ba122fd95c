package dev.hostal.image.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The modules of one kernel, as unpacked: `lib/modules/<release>`. Packages carry no `modules.dep`, which
/// depmod makes at installation; so dependencies are read from the modules themselves.
final class ModuleTree {
    private static final Pattern FILE = Pattern.compile("(.+)\\.ko(?:\\.(?:gz|xz|zst))?");
    private static final int DEPTH_MAX = 16;

    private final Map<String, Path> files;
    private final Set<String> builtIn;

    private ModuleTree(Map<String, Path> files, Set<String> builtIn) {
        this.files = Map.copyOf(files);
        this.builtIn = Set.copyOf(builtIn);
    }

    /// @param folder `lib/modules/<release>`
    static ModuleTree read(Path folder) throws IOException {
        var files = new HashMap<String, Path>();
        try (var paths = Files.walk(folder, DEPTH_MAX)) {
            paths.forEach(path -> name(path.getFileName().toString()).ifPresent(name -> files.put(name, path)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        var builtIn = new HashSet<String>();
        var list = folder.resolve("modules.builtin");
        if (Files.exists(list)) {
            for (var line : Files.readAllLines(list)) {
                name(line.substring(line.lastIndexOf('/') + 1)).ifPresent(builtIn::add);
            }
        }
        return new ModuleTree(files, builtIn);
    }

    boolean isBuiltIn(String name) {
        return builtIn.contains(name);
    }

    boolean has(String name) {
        return files.containsKey(name);
    }

    /// The module, unpacked.
    Module load(String name) throws IOException {
        var file = Optional.ofNullable(files.get(name))
                .orElseThrow(() -> new IOException("the kernel has no module " + name));
        var bytes = Files.readAllBytes(file);
        var unpacked = Compression.of(bytes).unpack(bytes);
        return new Module(name, depends(file, unpacked), unpacked);
    }

    /// @param name with `_` in place of `-`, as the kernel spells it
    /// @param depends modules that must be loaded before
    record Module(String name, List<String> depends, byte[] bytes) {
        Module {
            depends = List.copyOf(depends);
        }
    }

    /// `depends` in the section `.modinfo`. Source: Linux, scripts/mod/modpost.c.
    private static List<String> depends(Path file, byte[] module) throws IOException {
        var info = Elf.of(ByteBuffer.wrap(module)).section(".modinfo")
                .orElseThrow(() -> new IOException("%s is no module: it has no .modinfo".formatted(file)));
        return Stream.of(new String(info, StandardCharsets.UTF_8).split("\0"))
                .filter(entry -> entry.startsWith("depends="))
                .flatMap(entry -> Stream.of(entry.substring("depends=".length()).split(",")))
                .filter(name -> !name.isEmpty())
                .map(name -> name.replace('-', '_'))
                .toList();
    }

    private static Optional<String> name(String file) {
        var matcher = FILE.matcher(file);
        return matcher.matches() ? Optional.of(matcher.group(1).replace('-', '_')) : Optional.empty();
    }
}
