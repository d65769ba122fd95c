package dev.hostal.linux;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts programs that outlive this process: in a session of their own, without any pipe to it. Await and
/// kill them by [ProcessTable].
public final class DetachedProcesses {
    static final File NULL = new File("/dev/null");

    private final ProcessTable table;
    private final ProgramPath path;

    public DetachedProcesses(ProcessTable table, ProgramPath path) {
        this.table = table;
        this.path = path;
    }

    /// Starts a program whose standard output and error are appended to a file.
    ///
    /// @param argv begins with the path of the program
    /// @param environment the whole of it
    /// @throws IOException there is no such program, or it ended at once; the file may say why
    public ProcessId start(List<String> argv, Map<String, String> environment, Path workdir, Path outputLog)
            throws IOException {
        var program = argv.getFirst();
        var file = path.find(program).orElseThrow(() ->
                new NoSuchFileException(program, null, "there is no such program on this host"));
        var setsid = path.find("setsid").orElseThrow(() ->
                new NoSuchFileException("setsid", null, "the package util-linux is not installed"));
        var whole = new ArrayList<>(List.of(setsid.toString(), file.toString()));
        whole.addAll(argv.subList(1, argv.size()));
        var builder = new ProcessBuilder(whole).directory(workdir.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(Redirect.from(NULL));
        builder.redirectErrorStream(true);
        builder.redirectOutput(Redirect.appendTo(outputLog.toFile()));
        var process = builder.start();
        return table.find(process.pid()).orElseThrow(() ->
                new IOException("%s ended at once; see %s".formatted(program, outputLog)));
    }
}
