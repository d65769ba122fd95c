package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.OpenApi;
import dev.hostal.api.Route;
import dev.hostal.api.Routes;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is in the table of routes is bound, documented and guarded.
@Timeout(60)
class RouteTableTest {
    @Test void everyRouteHasItsEndpointAndEveryEndpointItsRoute() throws IOException {
        try (var server = new TestServer()) {
            var container = ServerWebSocketContainer.ensure(new Server());
            assertThat(server.api.endpoints(container).keySet())
                    .containsExactlyInAnyOrderElementsOf(Routes.ROUTES.stream().map(Route::name).toList());
        }
    }

    @Test void everyRouteRefusesAStranger() throws IOException {
        try (var server = new TestServer(Optional.of(_ -> Optional.of("user nobody")))) {
            server.engine.running("web");
            for (var route : Routes.ROUTES) {
                try (var raw = server.raw()) {
                    var path = route.path().replace("{image...}", "debian:12").replaceAll("\\{[a-z]+}", "web");
                    var reply = raw.ask(route.method(), path);
                    assertThat(reply.status()).as(route.toString()).isEqualTo(403);
                    assertThat(JsonObject.parse(reply.body()).text("message")).contains("user nobody");
                }
            }
            assertThat(server.engine.changes).hasValue(0);
            assertThat(server.stops).hasValue(0);
        }
    }

    @Test void everyRouteIsInTheDocument() {
        var paths = OpenApi.document().object("paths");
        for (var route : Routes.ROUTES) {
            var path = route.path().replace("...}", "}");
            assertThat(paths.object(path).object(route.method().toLowerCase(Locale.ROOT)).text("operationId"))
                    .isEqualTo(route.name());
        }
    }

    @Test void namesAndPathsAreUnique() {
        assertThat(Routes.ROUTES).extracting(Route::name).doesNotHaveDuplicates();
        assertThat(Routes.ROUTES).extracting(route -> route.method() + " " + route.path()).doesNotHaveDuplicates();
        assertThat(Routes.ROUTES).allSatisfy(route -> assertThat(route.path()).startsWith("/v1/"));
    }

    @Test void everyMetricThatIsListedIsPrinted() throws IOException {
        try (var server = new TestServer(); var raw = server.raw()) {
            server.engine.running("web");
            var text = raw.ask("GET", "/v1/metrics").body();
            for (var family : Metrics.NAMES) {
                assertThat(text).contains("# TYPE " + family.name() + " " + family.type());
            }
            assertThat(text).contains("hostal_instances{phase=\"running\"} 1");
            // A request is counted when it has been answered.
            Eventually.holds(() -> metrics(server).contains("hostal_http_requests_total{route=\"metrics\",status=\"200\"} "));
            for (var line : List.of(text.split("\n"))) {
                assertThat(line).matches("#.*|[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? [0-9.E-]+");
            }
        }
    }

    private static String metrics(TestServer server) {
        try (var raw = server.raw()) {
            return raw.ask("GET", "/v1/metrics").body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
