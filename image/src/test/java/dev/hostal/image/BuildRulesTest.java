package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.image.BuildShop.Wanted;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the reference says of scopes, modes, mounts and triggers, one rule at a time.
@Timeout(60)
class BuildRulesTest {
    @TempDir
    private Path folder;
    private BuildShop shop;

    @BeforeEach void open() throws IOException {
        shop = new BuildShop(folder);
    }

    @Test void argumentsAreSeenInStagesOnTheirStageAndNowhereElse() throws Exception {
        shop.build("""
                ARG GLOBAL=g
                FROM scratch AS base
                ARG GLOBAL
                ARG OWN=o
                FROM base AS child
                ENV SEEN=$GLOBAL$OWN
                FROM scratch AS stranger
                ENV SEEN=none$GLOBAL$OWN
                FROM child
                COPY --from=stranger / /
                """);
        assertThat(shop.config().object("config").texts("Env")).contains("SEEN=go");
        shop.build(new Tars().file("Dockerfile", "FROM scratch\nARG A=1\nARG B=${A}2\nARG A=3\nENV C=$A$B D=${TARGETARCH}\n"
                + "ARG TARGETARCH\nENV E=$TARGETARCH\n"), Wanted.USUAL.with("B", "given"));
        assertThat(shop.config().object("config").texts("Env")).contains("C=3given", "D=", "E=amd64");
    }

    @Test void modesAreOctalOrChanges() throws Exception {
        shop.build(new Tars().file("f", "x".getBytes(UTF_8), 0640, Map.of()).folder("d").file("d/x",
                "x".getBytes(UTF_8), 0755, Map.of())
                .file("Dockerfile", """
                FROM scratch
                COPY --chmod=4711 f /octal
                COPY --chmod=go+rx,u-w f /changed
                COPY --chmod=u=rwX,g=u-w,o= d /tree
                COPY --chmod=a-x,+t d/x /plain
                COPY --chmod=ug+s f /set
                """), Wanted.USUAL);
        assertThat(shop.files()).containsEntry("octal", "4711 0:0 x").containsEntry("changed", "455 0:0 x")
                .containsEntry("tree/x", "750 0:0 x")
                .containsEntry("plain", "1644 0:0 x").containsEntry("set", "6640 0:0 x").containsEntry("tree/", "750 0:0");
        for (var wrong : new String[] {"99", "17777", "u=q", "x", "u+r,,"}) {
            assertThatThrownBy(() -> shop.build("FROM scratch\nCOPY --chmod=" + wrong + " Dockerfile /x")).as(wrong)
                    .hasMessageContaining("chmod");
        }
    }

    @Test void aPatternMayFitNothingAndAFileMayNot() throws Exception {
        shop.build(new Tars().file("a.txt", "a").file("Dockerfile",
                "FROM scratch\nCOPY a.txt b*.txt [c-d]? /to/\nCOPY none* /nowhere/\n"), Wanted.USUAL);
        assertThat(shop.files()).containsOnlyKeys("to/", "to/a.txt");
        assertThatThrownBy(() -> shop.build("FROM scratch\nCOPY none /\n")).hasMessageContaining("not found");
        assertThatThrownBy(() -> shop.build("FROM scratch\nCOPY a[ /\n")).hasMessageContaining("bracket");
    }

    @Test void aFolderForAUserBelongsToThem() throws Exception {
        shop.build("FROM scratch\nWORKDIR /root\nUSER 7:8\nWORKDIR /own/deep\nWORKDIR ../other\n");
        assertThat(shop.files()).containsEntry("root/", "755 0:0").containsEntry("own/deep/", "755 7:8")
                .containsEntry("own/other/", "755 7:8");
        assertThat(shop.config().object("config").text("WorkingDir")).isEqualTo("/own/other");
    }

    @Test void nothingIsACommandToo() throws Exception {
        shop.build("FROM scratch\nSHELL [\"/s\", \"-x\"]\nENTRYPOINT\nCMD\nHEALTHCHECK --interval=0s --retries=0 --timeout=1s CMD [\"a\"]\n");
        var run = shop.config().object("config");
        assertThat(run.texts("Cmd")).containsExactly("/s", "-x", "");
        assertThat(run.texts("Entrypoint")).containsExactly("/s", "-x", "");
        assertThat(run.object("Healthcheck").members()).containsOnlyKeys("Test", "Timeout");
    }

    @Test void triggersRunInStagesOnTheirStageAndNeedWhatTheyName() throws Exception {
        shop.build("""
                FROM scratch AS source
                RUN write given from-source
                FROM scratch AS base
                ONBUILD COPY --from=source /given /taken
                ONBUILD COPY <<EOF /document
                of ${TARGET:-the} trigger
                EOF
                FROM base
                """);
        assertThat(shop.files()).containsEntry("taken", "644 0:0 from-source")
                .containsEntry("document", "644 0:0 of the trigger");
        // A trigger of an image may name a stage that nothing else needs.
        shop.build(new Tars().file("Dockerfile", "FROM scratch AS base\nONBUILD COPY --from=late /x /y\n"), Wanted.USUAL);
        shop.build("FROM scratch AS late\nRUN write x 1\nFROM app:1\n");
        assertThat(shop.files()).containsEntry("y", "644 0:0 1");
    }

    @Test void mountsAreReadAsTheReferenceSays() throws Exception {
        shop.build(new Tars().folder("src").file("src/a", "a").file("Dockerfile", """
                FROM scratch AS seed
                RUN write deep/seed s
                FROM scratch
                ARG WHERE=/cache
                WORKDIR /w
                RUN --mount=type=bind,source=src,target=bound --mount=type=bind,src=src/a,dst=/one,rw \\
                    --mount=type=tmpfs,target=/t,size=64m --mount=type=cache,target=$WHERE,id=some,sharing=locked,ro=true \\
                    --mount=type=cache,from=seed,source=/deep,target=/seeded,mode=0700,uid=3,gid=4 write x y
                """), Wanted.USUAL);
        var mounts = new TreeMap<String, MachineMount>();
        shop.steps.ran.getLast().mounts().forEach(mount -> mounts.put(mount.target(), mount));
        assertThat(mounts).containsOnlyKeys("/w/bound", "/one", "/t", "/cache", "/seeded");
        assertThat(mounts.get("/w/bound").readOnly()).isTrue();
        assertThat(mounts.get("/one").readOnly()).isFalse();
        assertThat(mounts.get("/cache").readOnly()).isTrue();
        assertThat(mounts.get("/t").source()).isInstanceOfSatisfying(MachineMount.Memory.class,
                memory -> assertThat(memory.toString()).contains("64"));
        assertThat(mounts.get("/seeded").source()).isInstanceOfSatisfying(MachineMount.Folder.class,
                seeded -> assertThat(seeded.path().resolve("seed")).hasContent("s"));
        var wrong = new TreeMap<>(Map.of(
                "type=bind,target=/", "invalid mount target", "type=bind,target=/x,mode=7", "unexpected key",
                "type=cache,target=/x,sharing=some", "sharing", "type=tmpfs,target=/x,size=many", "size",
                "type=bind,target=/x,ro=maybe", "invalid value", "type=bind,from=$X,target=/x", "variable expansion",
                "type=secret,id=a,source=b", "both source and id", "type=bind,target", "key=value", "type=bind",
                "needs a target"));
        wrong.forEach((flag, why) ->
                assertThatThrownBy(() -> shop.build("FROM scratch\nRUN --mount=" + flag + " write x y")).as(flag)
                .hasMessageContaining(why));
    }

    @Test void whatAStepMayDoIsSaid() {
        var wrong = Map.ofEntries(Map.entry("RUN --security=insecure write x y", "security.insecure is not allowed"),
                Map.entry("RUN --security=none write x y", "not valid"),
                Map.entry("RUN --network=bridge write x y", "network mode"),
                Map.entry("RUN --network=host write x y", "network.host is not allowed"),
                Map.entry("STOPSIGNAL SIGNAL", "Invalid signal"),
                Map.entry("STOPSIGNAL 65", "Invalid signal"),
                Map.entry("HEALTHCHECK --interval=1us CMD x", "1ms"),
                Map.entry("FROM --platform=linux/nonsense scratch", "nonsense"),
                Map.entry("RUN []", "at least one argument"));
        wrong.forEach((line, why) -> assertThatThrownBy(() -> shop.build("FROM scratch\n" + line)).as(line)
                .hasMessageContaining(why));
    }

    @Test void aProgramInADocumentIsRunByItsInterpreter() throws Exception {
        shop.build("FROM scratch\nRUN <<EOF\n#!/usr/bin/python3\nprint(1)\nEOF\n");
        var step = shop.steps.ran.getLast();
        assertThat(step.program().argv()).containsExactly("/dev/pipes/EOF");
        assertThat(step.mounts()).singleElement().satisfies(mount -> assertThat(mount.target()).isEqualTo("/dev/pipes/EOF"));
    }

    @Test void ignoringFollowsGosRules() throws Exception {
        var rules = "# comment\n  *.log  \n!keep.log\n/top\nsub/\n**/deep\n!sub/again\n../outside\nfi?e[0-9]\n\\#hash\n";
        shop.build(new Tars().file("a.log", "").file("keep.log", "").file("top", "").folder("x").file("x/top", "")
                .folder("sub").file("sub/gone", "")
                .file("sub/again", "").folder("x/deep").file("x/deep/y", "").file("outside", "").file("file1", "")
                .file("filex", "").file("#hash", "")
                .file(".dockerignore", "*\n").file("Dockerfile.dockerignore", rules)
                .file("Dockerfile", "FROM scratch\nCOPY . /c/\n"), Wanted.USUAL);
        assertThat(shop.files().keySet()).contains("c/keep.log", "c/x/top", "c/sub/again", "c/outside", "c/filex", "c/Dockerfile")
                .doesNotContain("c/a.log", "c/top", "c/sub/gone", "c/x/deep/y", "c/file1", "c/#hash");
    }

    @Test void anUnknownTargetStageOfNumbers() throws Exception {
        shop.build(new Tars().file("Dockerfile", "FROM scratch\nENV A=1\nFROM scratch\nENV A=2\n"), Wanted.USUAL.upTo("0"));
        assertThat(shop.config().object("config").texts("Env")).contains("A=1");
    }

    @Test void stepsGoFromHostToHostInImages() throws Exception {
        var text = "FROM scratch AS other\nRUN write o other\nFROM scratch\nRUN write a 1\nCOPY --from=other /o /copied\n";
        var cache = ImageReference.parse("cache:1");
        var first = shop.build(new Tars().file("Dockerfile", text),
                Wanted.USUAL.sharing(new BuildSpec.SharedSteps(List.of(), Optional.of(cache), true)));
        var archive = new ByteArrayOutputStream();
        shop.images.save(List.of(cache, BuildShop.APP), Optional.empty(), ArchiveForm.OCI,
                Compression.KEEP, archive, Deadline.in(Duration.ofSeconds(20)));
        var elsewhere = new BuildShop(Files.createDirectories(folder.resolve("elsewhere")));
        elsewhere.images.load(new ByteArrayInputStream(archive.toByteArray()), Optional.empty(), Progress.NONE,
                Deadline.in(Duration.ofSeconds(20)));
        // Its own steps are in the image, those of other stages in the cache.
        var inline = new BuildSpec.SharedSteps(List.of(BuildShop.APP, ImageReference.parse("not/there:1")),
                Optional.empty(), true);
        elsewhere.build(new Tars().file("Dockerfile", text), Wanted.USUAL.sharing(inline));
        assertThat(elsewhere.steps.ran).hasSize(1);
        elsewhere.images.pruneBuilds();
        var whole = new BuildSpec.SharedSteps(List.of(cache), Optional.empty(), true);
        var again = elsewhere.build(new Tars().file("Dockerfile", text), Wanted.USUAL.sharing(whole));
        assertThat(elsewhere.steps.ran).hasSize(1);
        assertThat(again.digest()).isEqualTo(first.digest());
        // What was used is known from now on.
        elsewhere.build(text);
        assertThat(elsewhere.steps.ran).hasSize(1);
    }
}
