package dev.hostal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Builds without containers: what `RUN` does is played, all else is real.
@Timeout(60)
class BuildTest {
    private static final ImageReference APP = BuildShop.APP;

    @TempDir
    private Path folder;
    private BuildShop shop;
    private LocalImages images;
    private FakeSteps steps;

    @BeforeEach void open() throws IOException {
        shop = new BuildShop(folder);
        images = shop.images;
        steps = shop.steps;
    }

    private Images.Image build(Tars context, BuildShop.Wanted wanted) throws IOException, InterruptedException {
        return shop.build(context, wanted);
    }

    private Images.Image build(String dockerfile) throws IOException, InterruptedException {
        return shop.build(dockerfile);
    }

    private JsonObject config() throws IOException {
        return shop.config();
    }

    private Map<String, String> files() throws IOException, InterruptedException {
        return shop.files();
    }

    @Test void onlyStagesThatAreNeededAreBuiltAndFilesGoFromOneToTheOther() throws Exception {
        build("""
                FROM scratch AS one
                RUN write a/made from-one
                FROM scratch AS unused
                RUN fail 1 never
                FROM scratch
                COPY --from=one /a /b/
                """);
        assertThat(steps.ran).hasSize(1);
        assertThat(files()).containsEntry("b/made", "644 0:0 from-one").containsKey("b/").doesNotContainKey("a/made");
    }

    @Test void whatTheRuntimeMountsIsNoPartOfALayer() throws Exception {
        build("FROM scratch\nRUN write opt/x 1");
        assertThat(files()).containsOnlyKeys("opt/", "opt/x");
    }

    @Test void everyInstructionOfTheConfigIsInIt() throws Exception {
        build(new Tars().file("Dockerfile", """
                ARG GLOBAL=g
                FROM scratch AS base
                ARG GLOBAL
                ARG OWN=${GLOBAL:-no}x
                ENV A=1 B="two $OWN"
                ENV C=$A-${MISSING:-none}
                LABEL one=1 "two words"='$A stays'
                EXPOSE 80 53/udp 7000-7001
                VOLUME /data ["/more"]
                USER me:us
                WORKDIR /srv
                WORKDIR sub
                STOPSIGNAL SIGQUIT
                MAINTAINER somebody
                SHELL ["/bin/busybox", "sh", "-c"]
                ENTRYPOINT run it
                CMD ["with", "words"]
                HEALTHCHECK --interval=1m30s --retries=3 CMD check me
                """), BuildShop.Wanted.USUAL);
        var run = config().object("config");
        assertThat(run.texts("Env")).contains("A=1", "B=two gx", "C=1-none");
        assertThat(run.textMap("Labels")).containsEntry("one", "1").containsEntry("two words", "$A stays");
        assertThat(run.object("ExposedPorts").members()).containsOnlyKeys("80/tcp", "53/udp", "7000/tcp", "7001/tcp");
        assertThat(run.text("User")).isEqualTo("me:us");
        assertThat(run.text("WorkingDir")).isEqualTo("/srv/sub");
        assertThat(run.text("StopSignal")).isEqualTo("SIGQUIT");
        assertThat(run.texts("Entrypoint")).containsExactly("/bin/busybox", "sh", "-c", "run it");
        assertThat(run.texts("Cmd")).containsExactly("with", "words");
        assertThat(run.object("Healthcheck").texts("Test")).containsExactly("CMD-SHELL", "check me");
        assertThat(run.object("Healthcheck").integer("Interval")).isEqualTo(90_000_000_000L);
        assertThat(config().text("author")).isEqualTo("somebody");
        assertThat(files()).containsKeys("srv/", "srv/sub/");
    }

    @Test void copyingFollowsTheReference() throws Exception {
        var context = new Tars().folder("src").folder("src/deep").file("src/one.txt", "1").file("src/two.log", "2")
                .file("src/deep/three.txt", "3").add(TarEntry.Type.SYMBOLIC_LINK, "src/link", "one.txt").file("secret.key", "k")
                .file(".dockerignore", "*.key\n").file("Dockerfile", """
                FROM scratch
                COPY src /all
                COPY src/one.txt src/two.log /many/
                COPY --chown=3:4 --chmod=750 src/one.txt /owned
                COPY src/*.txt /globbed/
                COPY --exclude=*.log src /without/
                COPY --parents src/deep/three.txt /kept/
                COPY src/link /followed
                COPY <<one <<'two' /documents/
                a $PATH
                one
                a $PATH
                two
                """);
        build(context, BuildShop.Wanted.USUAL);
        assertThat(files()).containsEntry("all/one.txt", "644 0:0 1").containsEntry("all/deep/three.txt", "644 0:0 3")
                .containsEntry("all/link", "755 0:0 -> one.txt").containsEntry("many/two.log", "644 0:0 2")
                .containsEntry("owned", "750 3:4 1").containsEntry("globbed/one.txt", "644 0:0 1")
                .doesNotContainKey("globbed/two.log").doesNotContainKey("without/two.log").containsKey("without/one.txt")
                .containsEntry("kept/src/deep/three.txt", "644 0:0 3").containsEntry("followed", "644 0:0 1")
                .containsEntry("documents/two", "644 0:0 a $PATH");
        assertThat(files().get("documents/one")).contains("/usr/bin").doesNotContain("$");
        assertThatThrownBy(() -> build(new Tars().file("secret.key", "k").file(".dockerignore", "*.key").file("Dockerfile",
                "FROM scratch\nCOPY secret.key /"), BuildShop.Wanted.USUAL)).hasMessageContaining("Dockerfile:2")
                .hasMessageContaining("not found");
    }

    @Test void archivesAreUnpackedByAddAndNotByCopy() throws Exception {
        var inner = new Tars().folder("in").file("in/side", "x").toBytes();
        var context = new Tars().file("a.tar", inner, 0644, Map.of()).file("plain", "p").file("Dockerfile", """
                FROM scratch
                ADD a.tar plain /added/
                COPY a.tar /copied/
                """);
        build(context, BuildShop.Wanted.USUAL);
        assertThat(files()).containsEntry("added/in/side", "644 0:0 x").containsEntry("added/plain", "644 0:0 p")
                .containsKey("copied/a.tar").doesNotContainKey("added/a.tar");
    }

    @Test void foldersThatAreThereKeepTheirAttributes() throws Exception {
        build(new Tars().file("a.tar", new Tars().add(TarEntry.Type.DIRECTORY, "open", "").toBytes(), 0644, Map.of())
                .file("f", "f")
                .file("Dockerfile", "FROM scratch\nADD a.tar /\nCOPY --chown=5 f /open/\nCOPY f /open/f2\n"),
                BuildShop.Wanted.USUAL);
        assertThat(files()).containsEntry("open/", "755 0:0").containsEntry("open/f", "644 5:5 f")
                .containsEntry("open/f2", "644 0:0 f");
    }

    @Test void stepsAreReusedAsLongAsWhatTheyDependOnIsTheSame() throws Exception {
        var text = "FROM scratch\nARG V=1\nCOPY f /f\nRUN write made $V\nLABEL l=1\nRUN write more x\n";
        var first = build(new Tars().file("f", "1").file("Dockerfile", text), BuildShop.Wanted.USUAL);
        assertThat(steps.ran).hasSize(2);
        // The same again, in another second: not one step, and the same image.
        Thread.sleep(1100);
        assertThat(build(new Tars().file("f", "1").file("Dockerfile", text), BuildShop.Wanted.USUAL).digest())
                .isEqualTo(first.digest());
        assertThat(steps.ran).hasSize(2);
        // A label is nothing to a program.
        build(new Tars().file("f", "1").file("Dockerfile", text.replace("l=1", "l=2")), BuildShop.Wanted.USUAL);
        assertThat(steps.ran).hasSize(2);
        build(new Tars().file("f", "1").file("Dockerfile", text), BuildShop.Wanted.USUAL.with("V", "2"));
        assertThat(steps.ran).hasSize(4);
        build(new Tars().file("f", "other").file("Dockerfile", text), BuildShop.Wanted.USUAL);
        assertThat(steps.ran).hasSize(6);
        build(new Tars().file("f", "other").file("Dockerfile", text), BuildShop.Wanted.USUAL.withoutCache());
        assertThat(steps.ran).hasSize(8);
    }

    @Test void stepsOutliveTheirImageUntilTheyArePruned() throws Exception {
        var text = "FROM scratch\nRUN write made x\n";
        build(text);
        images.delete(APP, Set.of());
        build(text);
        assertThat(steps.ran).hasSize(1);
        images.delete(APP, Set.of());
        assertThat(images.pruneBuilds().count()).isPositive();
        build(text);
        assertThat(steps.ran).hasSize(2);
    }

    @Test void aBuildWithAnEpochIsRepeatable() throws Exception {
        var context = new Tars().file("f", "1").file("Dockerfile", "FROM scratch\nCOPY f /d/f\nRUN write made x\nWORKDIR /w\n");
        var first = build(context, BuildShop.Wanted.USUAL.with("SOURCE_DATE_EPOCH", "1000").withoutCache());
        Thread.sleep(1100);
        var again = build(new Tars().file("f", "1").file("Dockerfile",
                "FROM scratch\nCOPY f /d/f\nRUN write made x\nWORKDIR /w\n"),
                BuildShop.Wanted.USUAL.with("SOURCE_DATE_EPOCH", "1000").withoutCache());
        assertThat(again.digest()).isEqualTo(first.digest());
        assertThat(again.createdAt()).isEqualTo(Instant.ofEpochSecond(1000));
    }

    @Test void aTargetAndTriggersOfTheBase() throws Exception {
        build(new Tars().file("Dockerfile", "FROM scratch AS a\nONBUILD RUN write trigger x\nFROM scratch AS b\nRUN fail 1 no\n"),
                BuildShop.Wanted.USUAL.upTo("a"));
        assertThat(config().object("config").texts("OnBuild")).containsExactly("RUN write trigger x");
        build("FROM app:1\nRUN write own y\n");
        assertThat(files()).containsKeys("trigger", "own");
        assertThat(config().object("config").texts("OnBuild")).isEmpty();
        assertThatThrownBy(() -> build(new Tars().file("Dockerfile", "FROM scratch AS a\n"),
                BuildShop.Wanted.USUAL.upTo("nowhere")))
                .hasMessageContaining("nowhere").hasMessageContaining("a");
    }

    @Test void aFailingProgramIsToldWithItsLineItsStatusAndItsWords() {
        assertThatThrownBy(() -> build("FROM scratch\n\nRUN write a 1 \\\n  2\nRUN fail 42 the reason\n"))
                .isInstanceOfSatisfying(Problem.class, problem -> assertThat(problem.code()).isEqualTo(ErrorCode.BUILD_FAILED))
                .hasMessageContaining("Dockerfile:5").hasMessageContaining("exit code: 42").hasMessageContaining("the reason")
                .hasMessageContaining("RUN fail 42").hasMessageContaining("^");
    }

    @Test void whatIsWrongIsSaidWithItsLine() {
        var wrong = new TreeMap<String, String>(Map.of(
                "FROM scratch\nCOPY nothing /\n", "Dockerfile:2",
                "FROM scratch\nRUN --mount=type=nonsense,target=/x true\n", "unsupported mount type",
                "FROM scratch\nEXPOSE many\n", "Dockerfile:2",
                "FROM ${X}\n", "blank",
                "FROM scratch\nCOPY --from=3 /a /\n", "from",
                "FROM scratch\nENV A=${B:?must be given}\n", "must be given",
                "FROM scratch\nHEALTHCHECK --interval=soon CMD x\n", "duration",
                "FROM scratch\nCOPY --chmod=worldwide Dockerfile /\n", "chmod",
                "FROM scratch\nCOPY --chown=nobody Dockerfile /\n", "nobody"));
        wrong.forEach((text, why) -> assertThatThrownBy(() -> build(text)).as(text).isInstanceOf(Problem.class)
                .hasMessageContaining(why));
    }

    @Test void secretsAreSeenAndDecideNothing() throws Exception {
        var text = "FROM scratch\nRUN --mount=type=secret,id=key,env=KEY write made x\n";
        build(new Tars().file("Dockerfile", text), BuildShop.Wanted.USUAL.withSecret("key", "hush"));
        assertThat(steps.ran.getFirst().program().env()).contains("KEY=hush");
        build(new Tars().file("Dockerfile", text), BuildShop.Wanted.USUAL.withSecret("key", "other"));
        assertThat(steps.ran).hasSize(1);
        assertThat(images.details(APP, Arch.X86_64).orElseThrow().config()).doesNotContain("hush");
        assertThatThrownBy(() -> build("FROM scratch\nRUN --mount=type=secret,id=none,required=true true\n"))
                .hasMessageContaining("none");
    }

    @Test void independentStagesBothRun() throws Exception {
        build("FROM scratch AS a\nRUN write a 1\nFROM scratch AS b\nRUN write b 1\nFROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n");
        assertThat(files()).containsOnlyKeys("a", "b");
        assertThat(new ArrayList<>(shop.events))
                .anyMatch(event -> event instanceof BuildEvent.Begun begun && begun.name().startsWith("[a 2/2] RUN"));
    }
}
