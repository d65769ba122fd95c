package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The command line in a real pseudo-terminal, by util-linux' `script`. Every session ends with the terminal's modes
/// as they were before.
@Timeout(60)
class TerminalTest {
    private Process script;
    private final StringBuilder shown = new StringBuilder();

    private void begin(String words) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var line = "trap : INT; stty rows 24 cols 80; before=$(stty -g); '%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
                .formatted(java)
                + "--enable-native-access=ALL-UNNAMED -Dhostal.terminals=012 -cp '%s' dev.hostal.cli.FakeMain %s; "
                .formatted(System.getProperty("java.class.path"), words)
                + "echo status=$?; test \"$before\" = \"$(stty -g)\" && echo modes=same || echo modes=changed";
        // Whoever runs the tests in the background has told them to ignore Ctrl-C, and a shell cannot take that back.
        var builder = new ProcessBuilder("env", "--default-signal=INT,QUIT", "script", "-qefc", line, "/dev/null")
                .redirectErrorStream(true);
        builder.environment().put("SHELL", "/bin/sh");
        script = builder.start();
    }

    private void type(String keys) throws IOException {
        script.getOutputStream().write(keys.getBytes(StandardCharsets.ISO_8859_1));
        script.getOutputStream().flush();
    }

    /// Reads until the text is shown; a terminal that stays silent for a minute is ended.
    private void expect(String text) throws IOException {
        var buffer = new byte[4096];
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (shown.indexOf(text) < 0) {
            while (script.isAlive() && script.getInputStream().available() == 0) {
                if (System.nanoTime() > until) {
                    script.descendants().forEach(ProcessHandle::destroyForcibly);
                    script.destroyForcibly();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            int count = script.getInputStream().read(buffer);
            assertThat(count).as("the end came before '%s' in: %s", text, shown).isPositive();
            shown.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
        shown.delete(0, shown.indexOf(text) + text.length());
    }

    private void expectEnd(int status) throws IOException, InterruptedException {
        expect("status=" + status);
        expect("modes=same");
        assertThat(script.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    private ProcessHandle java() {
        return script.descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .findFirst().orElseThrow();
    }

    @AfterEach void end() throws InterruptedException {
        var all = script.descendants().toList();
        script.destroyForcibly().waitFor();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /// The program has its size from the start; the second one shows that keys go one by one now.
    private void expectSizeBeforeAndAfterStart() throws IOException {
        expect("size 80 24");
        expect("size 80 24");
    }

    @Test void everyKeyGoesToTheGuestAndSizesFollow() throws Exception {
        begin("run -it --rm tiny tell");
        expectSizeBeforeAndAfterStart();

        type("\u0003");
        expect("keys 3");
        type("\u001b[A\r");
        expect("keys 27 91 65 13");
        new ProcessBuilder("stty", "-F", Files.readSymbolicLink(Path.of("/proc/" + java().pid() + "/fd/0")).toString(),
                "cols", "101", "rows", "33").inheritIO().start().waitFor();
        expect("size 101 33");
        type("q");

        expectEnd(5);
    }

    @Test void theKeysLetGo() throws Exception {
        begin("attach web");
        expect("size 80 24");

        type("\u0010x");
        expect("keys 16 120");
        type("\u0010\u0011");

        expect("Let go of the program of web, which runs on.");
        expectEnd(0);
    }

    @Test void theConsoleLetsGoByItsOwnKey() throws Exception {
        begin("console web");
        expect("Ctrl-] lets go of it.");

        type("login: root");
        expect("login: root");
        type("\u001d");

        expectEnd(0);
    }

    @Test void aTerminatedCommandLeavesTheTerminalAsItWas() throws Exception {
        begin("run -it tiny tell");
        expectSizeBeforeAndAfterStart();
        type("x");
        expect("keys 120");

        java().destroy();

        expectEnd(143);
    }

    @Test void withoutATerminalForTheProgramCtrlCIsASignal() throws Exception {
        begin("run --rm tiny tell");
        expect("ready");

        type("\u0003");
        expect("signal INT");
        type("\u0003");

        expect("signal KILL");
        expectEnd(137);
    }

    @Test void execHasATerminalOfItsOwn() throws Exception {
        begin("exec -it web tell");
        expect("size 80 24");
        type("q");
        expectEnd(5);
    }
}
