package dev.hostal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.cli.files.Packing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the commands for images ask of the daemon, print, and leave on this computer.
class ImageCommandsTest {
    @TempDir
    private Path here;
    private final Trial trial = new Trial();

    @BeforeEach void begin() {
        trial.hostal.archives.put("docker", "an archive".getBytes(UTF_8));
    }

    private void runs(String... words) throws Exception {
        assertThat(trial.run(words)).as(trial.err()).isZero();
    }

    private String call() {
        return trial.hostal.calls.getLast();
    }

    @Test void architecturesAreNamedInBothWords() throws Exception {
        runs("image", "push", "--platform", "linux/arm64", "tiny", "r.example/t:1");
        assertThat(call()).isEqualTo("push tiny r.example/t:1 aarch64");
        assertThat(trial.out()).isEqualTo("r.example/t:1\n");
        runs("push", "tiny");
        assertThat(call()).isEqualTo("push tiny");
        runs("image", "inspect", "--arch", "riscv64", "tiny");
        assertThat(call()).isEqualTo("image tiny riscv64");
        assertThat(trial.out()).contains("\"schemaVersion\" : 2").contains("\"platforms\"");
        assertThat(trial.run("pull", "--platform", "windows/amd64", "x")).isEqualTo(Command.MISUSED);
        assertThat(trial.run("pull", "--platform", "linux/amd64", "--arch", "x86_64", "x")).isEqualTo(Command.MISUSED);
    }

    @Test void aContainerIsComparedExportedAndCommitted() throws Exception {
        trial.hostal.add("web", "running", List.of(), false, false);
        runs("diff", "web");
        assertThat(trial.out()).isEqualTo("C /etc\nA /etc/new\nD /old\n");
        var file = here.resolve("web.tar");
        runs("export", "web", "-o", file.toString());
        assertThat(file).hasContent("a root");
        runs("commit", "web", "web:patched", "-m", "why", "-a", "ann");
        assertThat(call()).isEqualTo("commit web {\"image\":\"web:patched\",\"author\":\"ann\",\"comment\":\"why\"}");
        runs("commit", "--pause=false", "-c", "USER ann", "--change", "ENV a=b", "web", "web:patched");
        assertThat(call()).isEqualTo("commit web {\"image\":\"web:patched\",\"changes\":[\"USER ann\",\"ENV a=b\"],\"pause\":false}");
        assertThat(trial.out()).endsWith("web:patched\n");
        assertThat(trial.run("commit", "web")).isEqualTo(Command.MISUSED);
        assertThat(trial.run("commit", "--pause=no", "web", "web:patched")).isEqualTo(Command.MISUSED);
    }

    @Test void aLoginIsCheckedKeptAndSent() throws Exception {
        trial.env.put("HOME", here.toString());
        trial.in = "secret\n".getBytes(UTF_8);
        runs("login", "-u", "ann", "--password-stdin", "r.example:5000");
        assertThat(call()).isEqualTo("check ann at r.example:5000");
        assertThat(Files.readString(here.resolve(".docker/config.json"))).contains("r.example:5000", "YW5uOnNlY3JldA==");
        assertThat(trial.err()).contains("unencrypted");
        runs("pull", "r.example:5000/a:1");
        assertThat(trial.hostal.calls).contains("as ann at r.example:5000");
        trial.hostal.calls.clear();
        runs("push", "tiny", "r.example:5000/a:2", "--compression", "gzip");
        assertThat(trial.hostal.calls).containsExactly("as ann at r.example:5000", "push tiny r.example:5000/a:2 gzip");
        runs("pull", "tiny");
        assertThat(trial.hostal.calls).noneMatch(call -> call.equals("as ann at docker.io"));
        runs("logout", "r.example:5000");
        runs("logout", "r.example:5000");
        assertThat(trial.err()).contains("no login for r.example:5000");
        assertThat(Files.readString(here.resolve(".docker/config.json"))).doesNotContain("r.example");
    }

    @Test void aLoginThatIsRefusedIsNotKept() throws Exception {
        trial.env.put("HOME", here.toString());
        assertThat(trial.run("login", "-u", "ann", "-p", "wrong", "r.example")).isNotZero();
        assertThat(here.resolve(".docker")).doesNotExist();
        assertThat(trial.run("login", "-u", "ann", "r.example")).isEqualTo(Command.MISUSED);
        assertThat(trial.run("login", "--password-stdin", "r.example")).isEqualTo(Command.MISUSED);
        assertThat(trial.run("login", "-u", "a", "-p", "b", "not/a registry!")).isEqualTo(Command.MISUSED);
    }

    @Test void namesHistoryAndPruning() throws Exception {
        runs("tag", "tiny", "r.example/t:1");
        assertThat(call()).isEqualTo("tag tiny r.example/t:1");
        runs("history", "tiny");
        assertThat(trial.out().lines().toList().get(1)).startsWith("-").contains("CMD xxx").contains("…");
        assertThat(trial.out()).contains("30 MiB").contains("first");
        runs("image", "prune", "--all");
        assertThat(call()).isEqualTo("prune all");
        assertThat(trial.out()).isEqualTo("old:1\n");
        assertThat(trial.err()).contains("1 images removed, 30 MiB freed");
    }

    @Test void archivesAreWrittenWholeOrNotAtAll() throws Exception {
        runs("save", "tiny", "other");
        assertThat(trial.out()).isEqualTo("an archive");
        assertThat(call()).isEqualTo("save [tiny, other] docker");
        runs("save", "-o", here.resolve("a.tar").toString(), "--arch", "i386", "tiny");
        assertThat(here.resolve("a.tar")).hasContent("an archive");
        assertThat(call()).isEqualTo("save [tiny] docker i386");
        assertThat(here.toFile().list()).containsExactly("a.tar");
        assertThat(trial.run("save", "--format", "oci-dir", "tiny")).isEqualTo(Command.MISUSED);
    }

    @Test void aLayoutIsAFolderThere() throws Exception {
        var blob = "0".repeat(64);
        var source = Files.createDirectories(here.resolve("source"));
        Files.createDirectories(source.resolve("blobs/sha256"));
        Files.writeString(source.resolve("oci-layout"), "layout");
        Files.writeString(source.resolve("index.json"), "index");
        Files.writeString(source.resolve("blobs/sha256").resolve(blob), "blob");
        runs("load", "-i", source.toString(), "name:1");
        assertThat(call()).isEqualTo("load name:1");
        trial.hostal.archives.put("oci", trial.hostal.written.get("load"));
        runs("save", "--format", "oci-dir", "-o", here.resolve("copy").toString(), "tiny");
        assertThat(here.resolve("copy/blobs/sha256").resolve(blob)).hasContent("blob");
        assertThat(here.resolve("copy/index.json")).hasContent("index");

        assertThat(trial.run("save", "--format", "oci-dir", "-o", source.toString(), "tiny")).isEqualTo(Command.FAILED);
        assertThat(trial.err()).contains("is not empty");
        assertThat(source.resolve("index.json")).hasContent("index");
        Files.writeString(source.resolve("evil"), "x");
        var evil = new ByteArrayOutputStream();
        Packing.pack(source, "", false, evil);
        trial.hostal.archives.put("oci", evil.toByteArray());
        assertThat(trial.run("save", "--format", "oci-dir", "-o", here.resolve("b").toString(), "x")).isEqualTo(Command.FAILED);
        assertThat(here.resolve("b")).doesNotExist();
    }

    @Test void archivesComeFromFilesAndStandardInput() throws Exception {
        trial.in = "from stdin".getBytes(UTF_8);
        runs("load");
        assertThat(new ByteArrayInputStream(trial.hostal.written.get("load"))).hasBinaryContent(trial.in);
        assertThat(call()).isEqualTo("load");
        var file = Files.writeString(here.resolve("root.tar"), "a root");
        runs("import", "-e", "A=b", "-w", "/srv", file.toString(), "mine:1", "sh", "-c", "true");
        assertThat(new String(trial.hostal.written.get("import"), UTF_8)).isEqualTo("a root");
        assertThat(call()).contains("name=mine:1").contains("\"command\":[\"sh\",\"-c\",\"true\"]")
                .contains("\"env\":[\"A=b\"]").contains("\"workdir\":\"/srv\"");
        assertThat(trial.run("load", "-i", here.resolve("nothing").toString())).isEqualTo(Command.FAILED);
        assertThat(trial.err()).contains("There is no file");
    }
}
