package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.ForkV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.ScheduleV1;
import dev.hostal.client.ApiException;
import dev.hostal.client.Points;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every call about points in time and copies, from the client through the real server.
@Timeout(30)
class PointRoutesTest {
    private TestServer server;
    private Points points;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
        points = server.hostal().points();
        server.engine.running("web");
        server.engine.running("db");
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    private static CreateSnapshotV1 named(String name) {
        return new CreateSnapshotV1(Optional.of(name), "about " + name, true, false);
    }

    @Test void snapshotsAreATreeWithNames() throws IOException {
        var made = points.create("web", named("a"));
        assertThat(made.verb()).isEqualTo("snapshot.create");
        points.create("web", named("b"));
        var all = points.snapshots("web").snapshots();
        assertThat(all).extracting(one -> one.name()).containsExactly("a", "b");
        assertThat(all.getFirst().id()).isEqualTo(made.results().getFirst());
        assertThat(all.getLast().parent()).contains("a");
        assertThat(points.snapshot("web", "a")).isEqualTo(all.getFirst());
        assertThat(all.getFirst().volumes()).isEmpty();
        assertThat(points.snapshots("db").snapshots()).isEmpty();
        points.create("db", new CreateSnapshotV1(Optional.of("both"), "", false, true));
        assertThat(points.snapshot("db", "both").volumes()).containsExactly("data");
        assertThat(points.rename("web", "a", Optional.of("c"), Optional.empty()).description()).isEqualTo("about a");
        assertThat(points.snapshot("web", "b").parent()).contains("c");
        assertThat(points.restore("web", "c", true).verb()).isEqualTo("snapshot.restore");
        assertThat(server.engine.points.asked).containsExactly("restore true");
        assertThat(points.delete("web", "b").verb()).isEqualTo("snapshot.delete");
        assertThatThrownBy(() -> points.snapshot("web", "b")).isInstanceOfSatisfying(ApiException.class,
                e -> assertThat(e.error().code()).isEqualTo("SNAPSHOT_NOT_FOUND"));
        assertThatThrownBy(() -> points.snapshot("web", "../x")).hasMessageContaining("no snapshot");
        assertThatThrownBy(() -> points.create("web", named("a b"))).isInstanceOfSatisfying(ApiException.class,
                e -> assertThat(e.error().member()).contains("name"));
        assertThatThrownBy(() -> points.create("web", new CreateSnapshotV1(Optional.empty(), "x".repeat(5000), false, false)))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().member()).contains("description"));
    }

    @Test void schedulesComeAndGo() throws IOException {
        points.schedule("web", new ScheduleV1(600, 12, true, OptionalLong.of(1L << 30)));
        assertThat(points.snapshots("web").schedule()).contains(new ScheduleV1(600, 12, true, OptionalLong.of(1L << 30)));
        points.unschedule("web");
        assertThat(points.snapshots("web").schedule()).isEmpty();
        assertThatThrownBy(() -> points.schedule("web", new ScheduleV1(0, 12, false, OptionalLong.empty()))).hasMessageContaining("every");
        assertThat(points.rewind("web", 300).verb()).isEqualTo("snapshot.rewind");
        assertThat(server.hostal().act("web", "suspend", Map.of()).verb()).isEqualTo("instance.suspend");
        assertThat(server.hostal().act("web", "flatten", Map.of()).verb()).isEqualTo("instance.flatten");
    }

    @Test void clonesAreNamed() throws IOException {
        points.create("web", named("a"));
        var made = points.clone("web", new CloneV1(Optional.empty(), Optional.of("a"), true, false));
        assertThat(server.hostal().instance(made.results().getFirst()).name()).isEqualTo("web-clone");
        points.clone("web", new CloneV1(Optional.empty(), Optional.empty(), false, true));
        assertThat(server.engine.points.asked).containsExactly(
                "clone 000000000000000000000001 CloneSpec[name=web-clone, linked=true, sameIdentity=false]",
                "clone now CloneSpec[name=web-clone-2, linked=false, sameIdentity=true]");
        assertThatThrownBy(() -> points.clone("web", new CloneV1(Optional.empty(), Optional.of("z"), true, false)))
                .hasMessageContaining("'z'");
    }

    @Test void forksAreNamedOneByOneOrAsAGroup() throws IOException {
        assertThat(fork(List.of("web"), 2, Optional.empty()).results()).hasSize(2);
        fork(List.of("web"), 1, Optional.of("child"));
        fork(List.of("web"), 2, Optional.of("many"));
        server.engine.running("db-1");
        fork(List.of("web", "db"), 1, Optional.empty());
        fork(List.of("web", "db"), 1, Optional.of("blue"));
        assertThat(server.engine.points.asked).containsExactly("fork [fork-1, fork-2]", "fork [child]", "fork [many-1, many-2]",
                "group of 2 -2", "group of 2 -blue");
        assertThatThrownBy(() -> fork(List.of(), 1, Optional.empty())).hasMessageContaining("instances");
        assertThatThrownBy(() -> fork(List.of("web", "db"), 2, Optional.empty())).hasMessageContaining("count");
        assertThatThrownBy(() -> fork(List.of("nobody"), 1, Optional.empty())).hasMessageContaining("nobody");
        assertThatThrownBy(() -> fork(List.of("web", "db"), 1, Optional.of("/"))).hasMessageContaining("not a name");
    }

    private OperationV1 fork(List<String> refs, int count, Optional<String> name) throws IOException {
        return points.fork(new ForkV1(refs, count, name, false));
    }

    @Test void poolsHandOut() throws IOException {
        assertThat(points.createPool(new CreatePoolV1("workers", "web", 3)).verb()).isEqualTo("pool.create");
        assertThat(points.pools()).singleElement().isEqualTo(points.pool("workers"));
        assertThat(points.pool("workers").from()).isEqualTo(server.hostal().instance("web").id());
        assertThat(points.take("workers", Optional.of("job")).name()).isEqualTo("job");
        assertThat(points.take("workers", Optional.empty()).name()).isEqualTo("workers-1");
        points.deletePool("workers");
        assertThat(points.pools()).isEmpty();
        assertThatThrownBy(() -> points.take("workers", Optional.empty())).isInstanceOfSatisfying(ApiException.class,
                e -> assertThat(e.error().code()).isEqualTo("POOL_NOT_FOUND"));
        assertThatThrownBy(() -> points.createPool(new CreatePoolV1("p", "web", 1000))).hasMessageContaining("ready");
    }
}
