package dev.hostal.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What processes weigh.
final class Memory {
    private Memory() {}

    /// @param commandLine as the kernel has it, a zero after each word
    static List<Long> whose(Predicate<String> commandLine) throws IOException {
        var found = new ArrayList<Long>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                try {
                    var line = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
                    if (commandLine.test(line)) found.add(Long.parseLong(process.getFileName().toString()));
                } catch (IOException ended) {
                    // It is no more, and weighs nothing.
                }
            }
        }
        return found;
    }

    /// Proportional set size of all of them. Source: proc_pid_smaps_rollup in the kernel's documentation of /proc.
    static double pssMib(List<Long> pids) throws IOException {
        double sum = 0;
        for (long pid : pids) {
            try {
                sum += Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup")).stream()
                        .filter(line -> line.startsWith("Pss:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024).sum();
            } catch (NoSuchFileException ended) {
                // It weighs nothing.
            }
        }
        return sum;
    }
}
