package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.program;
import static dev.hostal.agent.HostAgent.shell;
import static dev.hostal.agent.HostAgent.soon;
import static dev.hostal.agent.HostAgent.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs and connections of a guest, with the real agent on this host.
@Timeout(60)
class AgentGuestTest {
    @TempDir Path folder;
    private HostAgent agent;
    private AgentGuest guest;

    @BeforeEach void start() throws Exception {
        agent = HostAgent.start(folder);
        guest = agent.configured();
    }

    @AfterEach void stop() throws Exception {
        guest.close();
        agent.close();
    }

    private int status(ProgramSpec program) throws Exception {
        try (var process = guest.exec(program, soon())) {
            return process.waitForExit().code();
        }
    }

    private String output(ProgramSpec program) throws Exception {
        try (var process = guest.exec(program, soon())) {
            return text(process);
        }
    }

    @Test void tellsExitStatusAndSignal() throws Exception {
        assertThat(status(program("true"))).isZero();
        assertThat(status(shell("exit 7"))).isEqualTo(7);
        assertThat(status(shell("kill -TERM $$"))).isEqualTo(143);
    }

    @Test void keepsOutputAndErrorsApart() throws Exception {
        try (var process = guest.exec(shell("echo out; echo err >&2"), soon())) {
            assertThat(process.stdout().readAllBytes()).asString().isEqualTo("out\n");
            assertThat(process.stderr().readAllBytes()).asString().isEqualTo("err\n");
        }
    }

    @Test void saysWhyAProgramCannotRun() throws Exception {
        assertThat(status(program("no-such-program"))).isEqualTo(127);
        assertThat(output(program("no-such-program"))).isEqualTo("hostal: no-such-program: not found in the guest\n");
        assertThat(status(program("/etc/passwd"))).isEqualTo(126);
        assertThat(output(program("/etc"))).contains("Permission denied");
        var text = folder.resolve("text");
        Files.writeString(text, "no program");
        assertThat(text.toFile().setExecutable(true)).isTrue();
        assertThat(output(program(text.toString()))).contains("not a program for this machine");
        Files.writeString(text, "#!/no/such/interpreter\n");
        assertThat(status(program(text.toString()))).isEqualTo(126);
        assertThat(output(program(text.toString()))).contains("interpreter");
    }

    @Test void givesEnvironmentUserAndFolder() throws Exception {
        var made = folder.resolve("made/here");
        var spec = new ProgramSpec(List.of("sh", "-c", "echo $A; pwd; id -u; echo $HOME; echo $PATH"),
                List.of("A=b c"), "", made.toString(), false, false, Optional.empty());
        assertThat(output(spec).lines()).containsExactly("b c", made.toString(), output(program("id", "-u")).strip(),
                System.getProperty("user.home"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    @Test void resolvesUsersAndGroups() throws Exception {
        assumeThat(output(program("id", "-u")).strip()).as("only root can become others").isEqualTo("0");
        assertThat(output(as("nobody", "id -un; id -gn; echo $HOME")).lines())
                .containsExactly("nobody", "nogroup", "/nonexistent");
        assertThat(output(as("1234:56", "id -u; id -g; id -G; echo $HOME")).lines()).containsExactly("1234", "56", "56", "/");
        assertThat(output(as("nobody:mail", "id -gn")).strip()).isEqualTo("mail");
        assertThat(output(as("65534", "id -un")).strip()).isEqualTo("nobody");
        assertThat(output(as("nobody", "echo to-stdout > /dev/stdout")).strip()).isEqualTo("to-stdout");
        assertThat(output(as("who-is-this", "id"))).contains("no user who-is-this");
        assertThat(output(as("root:no-group", "id"))).contains("no group no-group");
        assertThat(status(as("who-is-this", "id"))).isEqualTo(126);
    }

    private static ProgramSpec as(String user, String script) {
        return new ProgramSpec(List.of("sh", "-c", script), HostAgent.ENV, user, "/", false, false, Optional.empty());
    }

    @Test void withoutStdinReadsNothing() throws Exception {
        var spec = new ProgramSpec(List.of("cat"), HostAgent.ENV, "", "/", false, false, Optional.empty());
        assertThat(output(spec)).isEmpty();
    }

    @Test void carriesFiftyMegabytesBothWays() throws Exception {
        long size = 50L << 20;
        var sent = MessageDigest.getInstance("MD5");
        try (var process = guest.exec(program("cat"), soon())) {
            var writer = Thread.ofVirtual().start(() -> feed(process.stdin(), size, sent));
            var received = MessageDigest.getInstance("MD5");
            try (var input = new DigestInputStream(process.stdout(), received)) {
                assertThat(input.transferTo(OutputStream.nullOutputStream())).isEqualTo(size);
            }
            writer.join();
            assertThat(hex(received)).isEqualTo(hex(sent));
            assertThat(process.waitForExit()).isEqualTo(new ExitStatus(0));
        }
    }

    private static void feed(OutputStream output, long size, MessageDigest digest) {
        var random = new Random(5);
        var bytes = new byte[70_001];
        try (output) {
            for (long left = size; left > 0; left -= bytes.length) {
                random.nextBytes(bytes);
                System.arraycopy(Frame.magic(), 0, bytes, random.nextInt(bytes.length - 16), 16);
                int part = (int) Math.min(bytes.length, left);
                digest.update(bytes, 0, part);
                output.write(bytes, 0, part);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test void carriesTheMagicItself() throws Exception {
        var magics = new byte[16 * 5000 + 5];
        for (int i = 0; i < 5000; i++) {
            System.arraycopy(Frame.magic(), 0, magics, 5 + 16 * i, 16);
        }
        try (var process = guest.exec(program("cat"), soon())) {
            Thread.ofVirtual().start(() -> {
                try (var stdin = process.stdin()) {
                    stdin.write(magics);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(process.stdout().readAllBytes()).isEqualTo(magics);
        }
        var argument = new String(Frame.magic(), StandardCharsets.ISO_8859_1);
        assertThat(output(program("echo", argument)).strip()).isEqualTo(argument);
    }

    @Test void runsFiftyAtOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var outputs = new ArrayList<Future<String>>();
            for (int i = 0; i < 50; i++) {
                var number = Integer.toString(i);
                outputs.add(threads.submit(() -> output(shell("sleep 0.2; echo " + number))));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(outputs.get(i).get().strip()).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test void aSlowReaderSlowsOnlyItsProgram() throws Exception {
        try (var slow = guest.exec(shell("head -c 20000000 /dev/zero; echo done >&2"), soon())) {
            Thread.sleep(300);
            assertThat(slow.stdout().available()).isLessThanOrEqualTo(Frame.WINDOW).isPositive();
            assertThat(slow.stderr().available()).isZero();
            assertThat(output(shell("head -c 1000000 /dev/zero | wc -c")).strip()).isEqualTo("1000000");
            assertThat(slow.stdout().transferTo(OutputStream.nullOutputStream())).isEqualTo(20_000_000);
            assertThat(slow.stderr().readAllBytes()).asString().isEqualTo("done\n");
        }
    }

    @Test void aProgramThatDoesNotReadSlowsItsWriter() throws Exception {
        try (var process = guest.exec(shell("sleep 0.5; wc -c"), soon())) {
            var bytes = new byte[3_000_000];
            try (var stdin = process.stdin()) {
                stdin.write(bytes);
            }
            assertThat(text(process).strip()).isEqualTo("3000000");
        }
    }

    @Test void inputToAProgramThatReadsNoMoreIsDropped() throws Exception {
        try (var process = guest.exec(shell("exec <&-; sleep 0.3; echo over"), soon())) {
            process.stdin().write(new byte[1_000_000]);
            assertThat(text(process).strip()).isEqualTo("over");
            process.stdin().write(new byte[1_000_000]);
        }
    }

    @Test void signalsTheProgramAndItsChildren() throws Exception {
        try (var process = guest.exec(shell("trap 'echo hup; exit 3' HUP; echo ready; sleep 60 & wait"), soon())) {
            assertThat(process.stdout().readNBytes(6)).asString().isEqualTo("ready\n");
            process.signal("HUP");
            assertThat(process.waitForExit().code()).isEqualTo(3);
            assertThat(process.stdout().readAllBytes()).asString().isEqualTo("hup\n");
        }
    }

    @Test void lettingGoHangsUp() throws Exception {
        var witness = folder.resolve("witness");
        var process = guest.exec(shell("trap 'echo gone > " + witness
                + "; exit' HUP; echo ready; while :; do sleep 0.05; done"), soon());
        process.stdout().readNBytes(6);
        process.close();
        while (!Files.exists(witness)) {
            Thread.sleep(5);
        }
        assertThatThrownBy(process::waitForExit).isInstanceOf(IOException.class);
    }

    @Test void aChildLeftBehindKeepsRunningButNobodyWaitsForIt() throws Exception {
        var witness = folder.resolve("witness");
        long start = System.nanoTime();
        assertThat(output(shell("(sleep 1; echo late; echo late; echo x > " + witness + ") & echo now"))).isEqualTo("now\n");
        assertThat(System.nanoTime() - start).isLessThan(900_000_000L);
        while (!Files.exists(witness)) {
            Thread.sleep(5);
        }
    }

    @Test void givesATerminalWithItsSize() throws Exception {
        var spec = new ProgramSpec(List.of("sh", "-c", "stty size; test -t 0 && echo tty; read x; stty size; echo $TERM"),
                HostAgent.ENV, "", "/", true, true, Optional.of(new TerminalSize(101, 37)));
        try (var process = guest.exec(spec, soon())) {
            assertThat(line(process.stdout())).isEqualTo("37 101");
            assertThat(line(process.stdout())).isEqualTo("tty");
            process.resize(new TerminalSize(80, 25));
            process.stdin().write('\n');
            assertThat(line(process.stdout())).isEmpty();
            assertThat(line(process.stdout())).isEqualTo("25 80");
            assertThat(line(process.stdout())).isEqualTo("xterm");
            assertThat(process.stderr().readAllBytes()).isEmpty();
            assertThat(process.waitForExit().code()).isZero();
        }
    }

    @Test void aTerminalKnowsControlCAndEndOfFile() throws Exception {
        var cat = new ProgramSpec(List.of("cat"), HostAgent.ENV, "", "/", true, true, Optional.empty());
        try (var process = guest.exec(cat, soon())) {
            process.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
            assertThat(line(process.stdout())).isEqualTo("hello");
            assertThat(line(process.stdout())).isEqualTo("hello");
            process.stdin().close();
            assertThat(process.waitForExit().code()).isZero();
        }
        try (var process = guest.exec(cat, soon())) {
            process.stdin().write("x\n".getBytes(StandardCharsets.UTF_8));
            line(process.stdout());
            line(process.stdout());
            process.stdin().write(3);
            assertThat(process.waitForExit().code()).isEqualTo(130);
        }
    }

    private static String line(InputStream input) throws IOException {
        var line = new StringBuilder();
        for (int next = input.read(); next >= 0 && next != '\n'; next = input.read()) {
            if (next != '\r') line.append((char) next);
        }
        return line.toString();
    }

    @Test void takesALargeEnvironment() throws Exception {
        var env = new ArrayList<>(HostAgent.ENV);
        for (int i = 0; i < 100; i++) {
            env.add("BIG" + i + "=" + "x".repeat(4000));
        }
        var spec = new ProgramSpec(List.of("sh", "-c", "env | grep -c BIG"), env, "", "/", false, false, Optional.empty());
        assertThat(output(spec).strip()).isEqualTo("100");
    }

    @Test void connectsToAPort() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var echo = Thread.ofVirtual().start(() -> {
                try (var socket = server.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (var connection = guest.connect(server.getLocalPort(), soon())) {
                connection.write(ByteBuffer.wrap("over and back".getBytes(StandardCharsets.UTF_8)));
                connection.shutdownOutput();
                var buffer = ByteBuffer.allocate(100);
                while (connection.read(buffer) >= 0) {
                    continue;
                }
                assertThat(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8)).isEqualTo("over and back");
            }
            echo.join();
        }
        assertThatThrownBy(() -> guest.connect(1, soon())).isInstanceOfSatisfying(Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test void answersTheRest() throws Exception {
        assertThat(guest.addresses(soon())).allMatch(address -> address.matches("[0-9a-f.:]+"));
        guest.freeze(soon());
        guest.thaw(soon());
        guest.renew(Clock.systemUTC(), soon());
        assertThatThrownBy(() -> guest.signalMain("NOSUCH", soon())).isInstanceOfSatisfying(Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }

    @Test void refusesMoreStreamsThanItHas() throws Exception {
        var processes = new ArrayList<GuestProcess>();
        for (int i = 0; i < 512; i++) {
            processes.add(guest.exec(program("cat"), soon()));
        }
        assertThatThrownBy(() -> guest.exec(program("cat"), soon())).isInstanceOfSatisfying(Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.BUSY));
        processes.removeLast().close();
        assertThat(output(program("echo", "room"))).isEqualTo("room\n");
        processes.forEach(GuestProcess::close);
    }

    @Test void refusesBeforeItIsConfigured() throws Exception {
        try (var fresh = HostAgent.start(Files.createDirectory(folder.resolve("f"))); var stranger = fresh.connect()) {
            assertThat(stranger.isConfigured()).isFalse();
            assertThatThrownBy(() -> stranger.exec(program("true"), soon())).isInstanceOfSatisfying(Problem.class,
                    problem -> assertThat(problem.code()).isEqualTo(ErrorCode.WRONG_PHASE));
        }
    }

    @Test void anInterruptEndsOnlyTheOneWhoWaits() throws Exception {
        try (var process = guest.exec(program("cat"), soon())) {
            var interrupted = Thread.currentThread();
            Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                interrupted.interrupt();
            });
            assertThatThrownBy(process::waitForExit).isInstanceOf(InterruptedException.class);
            process.stdin().write("still here\n".getBytes(StandardCharsets.UTF_8));
            assertThat(line(process.stdout())).isEqualTo("still here");
        }
    }
}
