package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.cli.files.Packing;
import dev.hostal.cli.files.TarEntry;
import dev.hostal.cli.files.TarReader;
import dev.hostal.cli.files.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The rules of `docker cp`, both ways.
class CopyTest {
    @TempDir Path here;
    private final Trial trial = new Trial();

    @BeforeEach void files() throws IOException {
        trial.hostal.add("web", "running", List.of(), false, false);
        Files.createDirectories(here.resolve("folder/sub"));
        Files.writeString(here.resolve("folder/file"), "content");
        Files.writeString(here.resolve("file"), "content");
        inGuest("/etc", "folder", "etc");
        inGuest("/etc/hosts", "file", "hosts");
    }

    private void inGuest(String path, String like, String name) throws IOException {
        var archive = new ByteArrayOutputStream();
        Packing.pack(here.resolve(like), name, false, archive);
        trial.hostal.archives.put(path, archive.toByteArray());
    }

    private List<String> sent(String folder) throws IOException {
        var paths = new ArrayList<String>();
        var tar = new TarReader(new ByteArrayInputStream(trial.hostal.written.get(folder)));
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            paths.add(entry.get().path());
        }
        paths.sort(null);
        return paths;
    }

    private void copies(String source, String target) throws Exception {
        assertThat(trial.run("cp", source, target)).as(trial.err()).isZero();
    }

    private void refuses(String source, String target, String why) throws Exception {
        assertThat(trial.run("cp", source, target)).isNotZero();
        assertThat(trial.err()).contains(why);
    }

    @Test void intoAFolderOrUnderAnotherName() throws Exception {
        copies(here + "/file", "web:/etc");
        assertThat(sent("/etc")).containsExactly("file");
        copies(here + "/file", "web:/new");
        assertThat(sent("/")).containsExactly("new");
        copies(here + "/file", "web:etc/hosts");
        assertThat(sent("/etc")).containsExactly("hosts");
        copies(here + "/folder", "web:/etc/");
        assertThat(sent("/etc")).containsExactly("folder/", "folder/file", "folder/sub/");
        copies(here + "/folder/.", "web:/etc");
        assertThat(sent("/etc")).containsExactly("file", "sub/");
        copies(here + "/folder/.", "web:/opt");
        assertThat(sent("/")).containsExactly("opt/", "opt/file", "opt/sub/");

        refuses(here + "/folder", "web:/etc/hosts", "/etc/hosts is no folder in the guest");
        refuses(here + "/file", "web:/nowhere/", "There is no folder /nowhere/ in the guest");
        refuses(here + "/nothing", "web:/", "There is no file");
    }

    @Test void outOfAGuestIntoAFolderOrUnderAnotherName() throws Exception {
        copies("web:/etc/hosts", here.toString());
        assertThat(here.resolve("hosts")).hasContent("content");
        copies("web:/etc/hosts", here + "/renamed");
        assertThat(here.resolve("renamed")).hasContent("content");
        copies("web:/etc", here.toString());
        assertThat(here.resolve("etc/file")).hasContent("content");
        copies("web:/etc", here + "/other");
        assertThat(here.resolve("other/file")).hasContent("content");
        Files.createDirectory(here.resolve("empty"));
        copies("web:/etc/.", here + "/empty");
        assertThat(here.resolve("empty/file")).hasContent("content");

        refuses("web:/etc", here + "/file", "is no folder");
        refuses("web:/etc/hosts", here + "/nowhere/", "There is no folder");
        refuses("web:/etc/hosts", here + "/nowhere/x", "There is no folder");
        refuses("web:/nothing", here.toString(), "There is no /nothing in the guest");
    }

    @Test void asAnArchive() throws Exception {
        copies("web:/etc", "-");
        assertThat(trial.out.toByteArray()).isEqualTo(trial.hostal.archives.get("/etc"));
        trial.in = trial.hostal.archives.get("/etc");
        copies("-", "web:/srv");
        assertThat(trial.hostal.written.get("/srv")).isEqualTo(trial.in);
    }

    @Test void aLinkInAGuestIsFollowedWhereAskedFor() throws Exception {
        Files.createSymbolicLink(here.resolve("relative"), Path.of("hosts"));
        Files.createSymbolicLink(here.resolve("absolute"), Path.of("/etc/relative"));
        inGuest("/etc/relative", "relative", "relative");
        inGuest("/opt/absolute", "absolute", "absolute");
        Files.createDirectory(here.resolve("to"));
        copies("web:/opt/absolute", here + "/to/link");
        assertThat(Files.readSymbolicLink(here.resolve("to/link"))).isEqualTo(Path.of("/etc/relative"));

        assertThat(trial.run("cp", "-L", "web:/opt/absolute", here + "/to")).as(trial.err()).isZero();
        assertThat(here.resolve("to/absolute")).isRegularFile().hasContent("content");

        Files.createSymbolicLink(here.resolve("round"), Path.of("round"));
        inGuest("/round", "round", "round");
        assertThat(trial.run("cp", "-L", "web:/round", here + "/to")).isNotZero();
        assertThat(trial.err()).contains("/round is a link to a link");
    }

    @Test void filesWithSeveralNamesAndPipesStayWhatTheyAre() throws Exception {
        Files.createLink(here.resolve("folder/second"), here.resolve("folder/file"));
        assertThat(new ProcessBuilder("mkfifo", here + "/folder/pipe").start().waitFor()).isZero();
        copies(here + "/folder", "web:/opt");
        var kinds = new TreeMap<String, String>();
        var tar = new TarReader(new ByteArrayInputStream(trial.hostal.written.get("/")));
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            kinds.put(entry.get().path(), entry.get().type() + entry.get().link());
        }
        assertThat(kinds).containsEntry("opt/pipe", "PIPE");
        assertThat(List.of(kinds.get("opt/file"), kinds.get("opt/second"))).contains("FILE")
                .containsAnyOf("HARD_LINKopt/file", "HARD_LINKopt/second");
    }

    @Test void ownersAreKeptWhereAskedFor() throws Exception {
        int mine = (int) Files.getAttribute(here.resolve("file"), "unix:uid");
        assertThat(trial.run("cp", "-a", here + "/file", "web:/opt")).as(trial.err()).isZero();
        assertThat(owner()).isEqualTo(mine);
        var archive = new ByteArrayOutputStream();
        try (var tar = new TarWriter(archive)) {
            tar.write(new TarEntry("x", TarEntry.Type.FILE, "", 0644, 0, 0, new TarEntry.Owner(3_000_000, 12)),
                    new ByteArrayInputStream(new byte[0]));
        }
        var read = new TarReader(new ByteArrayInputStream(archive.toByteArray())).next().orElseThrow();
        assertThat(read.owner()).isEqualTo(new TarEntry.Owner(3_000_000, 12));
        copies(here + "/file", "web:/opt");
        assertThat(owner()).isZero();
    }

    private int owner() throws IOException {
        return new TarReader(new ByteArrayInputStream(trial.hostal.written.get("/"))).next().orElseThrow().owner().user();
    }

    @Test void oneSideIsInAGuest() throws Exception {
        refuses("a", "b", "one side must be INSTANCE:PATH");
        refuses("web:/a", "web:/b", "hostal cp web:/a - | hostal cp - web:/b");
        // A colon after a slash, or a beginning with a dot, is a path here.
        refuses("./a:b", "c", "one side must be");
    }
}
