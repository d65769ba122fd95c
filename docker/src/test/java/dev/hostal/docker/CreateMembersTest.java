package dev.hostal.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each member of the body that makes a container is honoured, or refused by its name, and none is passed over.
class CreateMembersTest {
    private static final Pattern LINE = Pattern.compile("(\\S+?)\\.(\\S+) (.+) (honoured|refused|shown|engine|usual)");

    private record Member(String where, String name, Json value, String what) {
        static Member of(String line) {
            var form = LINE.matcher(line);
            assertThat(form.matches()).as(line).isTrue();
            return new Member(form.group(1), form.group(2), Json.parse(form.group(3)), form.group(4));
        }

        /// A body with this member; a name with `+` stands for several that belong together, whose value has them by name.
        JsonObject body() {
            var one = new JsonObject();
            if (name.contains("+") && value instanceof Json.Obj(var several)) several.members().forEach(one::put);
            else one.put(name, value);
            return switch (where) {
                case "Config" -> one.put("Image", "tiny");
                case "HostConfig" -> plain(where).put("HostConfig", one);
                case "EndpointSettings" -> endpoint(one);
                case "Mount" -> mount(one);
                default -> throw new AssertionError(where);
            };
        }

        private JsonObject mount(JsonObject one) {
            var type = name.equals("BindOptions") ? "bind" : name.equals("TmpfsOptions") ? "tmpfs"
                    : name.equals("ImageOptions") ? "image" : "volume";
            var all = new JsonObject().put("Type", type).put("Target", "/m")
                    .put("Source", type.equals("bind") ? "/tmp" : type.equals("tmpfs") ? "" : "data");
            one.members().forEach(all::put);
            return plain(where).put("HostConfig", new JsonObject().putObjects("Mounts", List.of(all)));
        }
    }

    private static JsonObject endpoint(JsonObject settings) {
        return plain("").put("HostConfig", new JsonObject().put("NetworkMode", "own"))
                .put("NetworkingConfig", new JsonObject().put("EndpointsConfig", new JsonObject().put("own", settings)));
    }

    private static JsonObject plain(String where) {
        var body = new JsonObject().put("Image", "tiny");
        return where.equals("Mount") ? body.put("HostConfig", new JsonObject()) : body;
    }

    private static InstanceSpec spec(JsonObject body) {
        return CreateBody.spec(JsonObject.parse(body.toText()), new InstanceName("c"), Optional.empty());
    }

    @TestFactory Stream<DynamicTest> everyMemberIsHonouredOrRefused() throws IOException {
        try (var stream = CreateMembersTest.class.getResourceAsStream("create-members.txt")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Member::of).toList().stream().map(member -> DynamicTest.dynamicTest(
                            "%s.%s is %s".formatted(member.where(), member.name(), member.what()), () -> show(member)));
        }
    }

    private static void show(Member member) {
        var without = member.where().equals("EndpointSettings") ? spec(endpoint(new JsonObject())) : spec(plain(member.where()));
        switch (member.what()) {
            case "honoured" -> assertThat(spec(member.body())).isNotEqualTo(without);
            case "refused" -> assertThatThrownBy(() -> spec(member.body())).isInstanceOfSatisfying(Refusal.class,
                    refusal -> assertThat(refusal.status()).isEqualTo(400))
                    .hasMessageMatching("(?s).*(%s|cgroup namespace|mount type).*".formatted(member.name()));
            case "usual" -> assertThat(spec(member.body()))
                    .isEqualTo(member.where().equals("Mount") ? spec(new Member("Mount", "Target",
                    Json.of("/m"), "").body()) : without);
            case "shown" -> assertThat(shown(member)).isEqualTo(member.value());
            default -> assertThat(List.of("VolumesFrom", "PublishAllPorts")).contains(member.name());
        }
    }

    /// As inspect gives it back, over what follows from the instance.
    private static Json shown(Member member) {
        var derived = new JsonObject();
        if (member.where().equals("Config")) {
            Asked.overConfig(derived, member.body());
        } else {
            derived.put("ContainerIDFile", "").put("ConsoleSize", new Json.Null());
            Asked.overHost(derived, member.body());
        }
        return derived.members().get(member.name());
    }
}
