package dev.hostal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.image.BuildShop.Wanted;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Limits;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.StepLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// When a step is reused although something before it has changed.
@Timeout(60)
class BuildReuseTest {
    @TempDir
    private Path folder;
    private BuildShop shop;

    @BeforeEach void open() throws Exception {
        shop = new BuildShop(folder);
    }

    private void build(String dockerfile, String version) throws Exception {
        shop.build(new Tars().file("f", "1").file("Dockerfile", dockerfile), Wanted.USUAL.with("V", version));
    }

    private boolean reused(String part) {
        var step = shop.events.stream()
                .filter(event -> event instanceof BuildEvent.Begun begun && begun.name().contains(part)).findFirst()
                .orElseThrow().step();
        return shop.events.stream().anyMatch(event -> event instanceof BuildEvent.Done done && done.step() == step
                && done.cached());
    }

    @Test void aLayerOfItsOwnDoesNotDependOnWhatItLiesOn() throws Exception {
        var text = "FROM scratch\nARG V\nRUN write d/made $V\nCOPY --link f /d/f\nCOPY f /g\nRUN write last x\n";
        build(text, "1");
        build(text, "2");
        assertThat(reused("COPY --link")).isTrue();
        assertThat(reused("COPY f")).isFalse();
        assertThat(shop.steps.ran).hasSize(4);
        assertThat(shop.files()).containsKeys("d/made", "d/f", "g", "last");
        build(text, "2");
        assertThat(shop.steps.ran).hasSize(4);
    }

    @Test void aLayerOfItsOwnFollowsNoLinks() throws Exception {
        var base = new Tars().folder("real").add(TarEntry.Type.SYMBOLIC_LINK, "linked", "real");
        shop.build(new Tars().file("base.tar", base.toBytes(), 0644, Map.of()).file("f", "1").file("Dockerfile",
                "FROM scratch\nADD base.tar /\nCOPY --link f /linked/f\nCOPY f /linked/g\n"), Wanted.USUAL);
        assertThat(shop.files()).containsKeys("linked/", "linked/f");
    }

    @Test void filesOfAStageThatWasBuiltAgainMayBeTheSame() throws Exception {
        var text = "FROM scratch AS made\nARG V\nRUN write out same\nFROM scratch\nCOPY --from=made /out /o\nRUN write last x\n";
        build(text, "1");
        assertThat(shop.steps.ran).hasSize(2);
        build(text, "2");
        // The first stage ran again, and what was made of it did not.
        assertThat(shop.steps.ran).hasSize(3);
        assertThat(reused("COPY --from")).isTrue();
        build(text.replace("same", "other"), "2");
        assertThat(shop.steps.ran).hasSize(5);
    }

    @Test void entitlementsLetAStepHaveMore() throws Exception {
        var asked = new BuildSpec.Asked(BuildSpec.Asked.NOTHING.caller(), Optional.empty(), Map.of(), List.of(), StepLimits.USUAL,
                Set.of(BuildSpec.Asked.NETWORK_HOST, BuildSpec.Asked.SECURITY_INSECURE), Set.of(), Optional.empty());
        shop.build(new Tars().file("Dockerfile",
                "FROM scratch\nRUN --network=host write x y\nRUN --security=insecure write z y\n"),
                Wanted.USUAL, asked);
        assertThat(shop.steps.ran.get(0).network()).isEqualTo("host");
        assertThat(shop.steps.ran.get(0).insecure()).isFalse();
        assertThat(shop.steps.ran.get(1).insecure()).isTrue();
    }

    @Test void limitsReachTheStepAndThoseThatItSeesMakeItAnother() throws Exception {
        limited(Optional.of(Bytes.mib(64)), Map.of());
        assertThat(shop.steps.ran.getFirst().limits().memory()).contains(Bytes.mib(64));
        limited(Optional.of(Bytes.mib(128)), Map.of());
        assertThat(shop.steps.ran).hasSize(1);
        limited(Optional.empty(), Map.of("nofile", "9"));
        assertThat(shop.steps.ran).hasSize(2);
        assertThat(shop.steps.ran.getLast().limits().others().ulimits()).isEqualTo(Map.of("nofile", "9"));
        assertThatThrownBy(() -> limited(Optional.of(Bytes.mib(1)), Map.of())).hasMessageContaining("not in 6 MiB");
    }

    private void limited(Optional<Bytes> memory, Map<String, String> ulimits) throws Exception {
        var others = new Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), ulimits);
        var asked = new BuildSpec.Asked(BuildSpec.Asked.NOTHING.caller(), Optional.empty(), Map.of(), List.of(),
                new StepLimits(Optional.empty(), memory, others), Set.of(), Set.of(), Optional.empty());
        shop.build(new Tars().file("Dockerfile", "FROM scratch\nRUN write x y\n"), Wanted.USUAL, asked);
    }

    @Test void stepsThatChangeOnlyTheConfigAreKnownToo() throws Exception {
        var text = "FROM scratch\nENV A=b\nRUN write x $V\nLABEL l=m\n";
        shop.build(text);
        assertThat(known()).containsExactly("FROM scratch false", "ENV A=b false", "RUN write x $V false", "LABEL l=m false");
        shop.build(text);
        assertThat(known()).containsExactly("FROM scratch false", "ENV A=b true", "RUN write x $V true", "LABEL l=m true");
        shop.build(text.replace("A=b", "A=c"));
        assertThat(known()).containsExactly("FROM scratch false", "ENV A=c false", "RUN write x $V false", "LABEL l=m false");
        shop.build(new Tars().file("Dockerfile", text), Wanted.USUAL.withoutCache());
        assertThat(known()).noneMatch(step -> step.endsWith("true"));
    }

    @Test void imagesThatAreNamedReplaceWhatElseIsKnown() throws Exception {
        var text = "FROM scratch\nENV A=b\nRUN write x y\nCOPY f /g\nRUN write z y\n";
        var context = new Tars().file("f", "1").file("Dockerfile", text);
        shop.build(context, Wanted.USUAL);
        shop.build(context, Wanted.USUAL.sharing(only(BuildShop.APP)));
        assertThat(known()).containsExactly("FROM scratch false", "ENV A=b true", "RUN write x y true",
                "COPY f /g true", "RUN write z y true");
        // Known here, but not as a part of that image.
        var other = new Tars().file("f", "1").file("Dockerfile", text.replace("z y", "z other"));
        shop.build(other, Wanted.USUAL);
        shop.build(other, Wanted.USUAL.sharing(only(BuildShop.APP)));
        assertThat(known().getLast()).isEqualTo("RUN write z other true");
        shop.build(context, Wanted.USUAL.sharing(only(BuildShop.APP)));
        assertThat(known()).endsWith("COPY f /g true", "RUN write z y false");
        shop.build(context, Wanted.USUAL.sharing(only(ImageReference.parse("127.0.0.1:1/not/there:1"))));
        assertThat(known()).noneMatch(step -> step.endsWith("true"));
    }

    private static BuildSpec.SharedSteps only(ImageReference image) {
        return new BuildSpec.SharedSteps(List.of(image), Optional.empty(), false, true);
    }

    /// The instructions, and which were reused.
    private List<String> known() {
        return shop.events.stream().flatMap(event -> event instanceof BuildEvent.Begun begun && begun.place() > 0
                ? Stream.of(begun) : Stream.empty())
                .map(begun -> begun.text() + " " + shop.events.stream().anyMatch(event -> event instanceof BuildEvent.Done done
                        && done.step() == begun.step() && done.cached())).toList();
    }

    @Test void onlyTheStepsOfAStageRunAgain() throws Exception {
        var text = "FROM scratch AS one\nRUN write x y\nFROM one AS two\nRUN write z y\n";
        shop.build(text);
        var asked = new BuildSpec.Asked(BuildSpec.Asked.NOTHING.caller(), Optional.empty(), Map.of(), List.of(),
                StepLimits.USUAL, Set.of(), Set.of("TWO"), Optional.empty());
        shop.build(new Tars().file("Dockerfile", text), Wanted.USUAL, asked);
        assertThat(shop.steps.ran).hasSize(3);
        assertThat(reused("[one 2/2]")).isTrue();
    }
}
