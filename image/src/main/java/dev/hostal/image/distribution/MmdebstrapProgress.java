package dev.hostal.image.distribution;

import dev.hostal.spi.Progress;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Makes few stages of the many lines that mmdebstrap prints. Packages come in two lists, the essential ones and
/// the rest, so that the total is known in two steps.
///
/// Source: mmdebstrap 1.3, its messages of level "info"; apt and dpkg, theirs in the C locale.
final class MmdebstrapProgress implements Consumer<String> {
    private static final Pattern LISTED = Pattern.compile("\\d+ upgraded, (\\d{1,6}) newly installed, .*");
    private static final Pattern UPDATING = Pattern.compile("I: running apt-get update.*");
    private static final Pattern PACKING = Pattern.compile("I: creating tarball.*");
    private static final String UNPACKING = "Unpacking ";
    private static final String SETTING_UP = "Setting up ";

    private final String system;
    private final Progress progress;
    private long steps;
    private long stepsTotal;

    /// @param system such as `Debian bookworm`
    MmdebstrapProgress(String system, Progress progress) {
        this.system = system;
        this.progress = progress;
    }

    @Override public void accept(String line) {
        var listed = LISTED.matcher(line);
        if (listed.matches()) {
            // Each package is unpacked and then set up.
            stepsTotal += 2 * Long.parseLong(listed.group(1));
            installing();
        } else if (line.startsWith(UNPACKING) || line.startsWith(SETTING_UP)) {
            steps++;
            installing();
        } else if (UPDATING.matcher(line).matches()) {
            progress.report("asking for the packages of " + system);
        } else if (PACKING.matcher(line).matches()) {
            progress.report("packing " + system);
        }
    }

    private void installing() {
        progress.report("installing the packages of " + system, Math.min(steps, stepsTotal) / 2, stepsTotal / 2);
    }
}
