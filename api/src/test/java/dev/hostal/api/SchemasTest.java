package dev.hostal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The documents say what the records do.
class SchemasTest {
    static Stream<Arguments> records() {
        return Stream.of(
                Arguments.of(ErrorV1.class, Schemas.ERROR), Arguments.of(DaemonV1.class, Schemas.DAEMON),
                Arguments.of(ProbeV1.class, Schemas.PROBE), Arguments.of(EventV1.class, Schemas.EVENT),
                Arguments.of(OperationV1.class, Schemas.OPERATION), Arguments.of(InstanceV1.class, Schemas.INSTANCE),
                Arguments.of(CreateInstanceV1.class, Schemas.CREATE_INSTANCE), Arguments.of(StatsV1.class, Schemas.STATS),
                Arguments.of(ImageV1.class, Schemas.IMAGE), Arguments.of(ExecV1.class, Schemas.EXEC),
                Arguments.of(CourseV1.class, Schemas.COURSE), Arguments.of(UpdateInstanceV1.class, UpkeepSchemas.UPDATE),
                Arguments.of(ProcessesV1.ProcessV1.class, UpkeepSchemas.PROCESS),
                Arguments.of(ProcessesV1.class, UpkeepSchemas.PROCESSES),
                Arguments.of(OperationV1.PartV1.class, Schemas.PART),
                Arguments.of(RegistryLoginV1.class, Schemas.REGISTRY_LOGIN),
                Arguments.of(SnapshotV1.class, PointSchemas.SNAPSHOT), Arguments.of(ScheduleV1.class, PointSchemas.SCHEDULE),
                Arguments.of(CreateSnapshotV1.class, PointSchemas.CREATE_SNAPSHOT),
                Arguments.of(BuildEventV1.class, BuildSchemas.BUILD_EVENT),
                Arguments.of(CloneV1.class, PointSchemas.CLONE), Arguments.of(ForkV1.class, PointSchemas.FORK),
                Arguments.of(PoolV1.class, PointSchemas.POOL), Arguments.of(CreatePoolV1.class, PointSchemas.CREATE_POOL));
    }

    @ParameterizedTest
    @MethodSource("records")
    void everyMemberOfARecordIsInItsSchemaWithItsType(Class<?> record, Schema schema) {
        var components = record.getRecordComponents();
        assertThat(schema.members()).extracting(Schema.Member::name)
                .containsExactlyElementsOf(Arrays.stream(components).map(RecordComponent::getName).toList());
        for (int i = 0; i < components.length; i++) {
            assertThat(schema.members().get(i).type()).as(components[i].toString()).isEqualTo(typeOf(components[i]));
        }
    }

    private static String typeOf(RecordComponent component) {
        var type = component.getGenericType().getTypeName().replaceAll("java\\.(util|lang)\\.", "");
        return switch (type.replaceAll("^Optional<(.*)>$", "$1")) {
            case "String" -> "string";
            case "dev.hostal.api.ImageV1" -> "Image";
            case "int", "long", "OptionalInt", "OptionalLong" -> "integer";
            case "boolean" -> "boolean";
            case "List<String>" -> "string[]";
            case "Map<String, String>" -> "string{}";
            case "dev.hostal.api.ErrorV1" -> "Error";
            case "List<dev.hostal.api.OperationV1$PartV1>" -> "OperationPart[]";
            case "dev.hostal.model.Limits" -> "Limits";
            case "dev.hostal.model.Confinement" -> "Confinement";
            case "dev.hostal.model.Care" -> "Care";
            case "dev.hostal.api.CourseV1" -> "Course";
            case "List<dev.hostal.api.ProcessesV1$ProcessV1>" -> "Process[]";
            case "List<dev.hostal.model.Mount>" -> "Mount[]";
            case "List<dev.hostal.model.Nic>" -> "Nic[]";
            case "List<dev.hostal.model.PublishedPort>" -> "PublishedPort[]";
            default -> throw new AssertionError("no word for " + type);
        };
    }

    @Test void anOptionalMemberIsNotRequired() {
        for (var arguments : records().toList()) {
            var record = (Class<?>) arguments.get()[0];
            var schema = (Schema) arguments.get()[1];
            for (var component : record.getRecordComponents()) {
                var member = schema.members().stream().filter(one -> one.name().equals(component.getName())).findFirst();
                if (component.getType().getSimpleName().startsWith("Optional")) {
                    assertThat(member.orElseThrow().required()).as(component.toString()).isFalse();
                }
            }
        }
    }

    @Test void whatIsWrittenIsReadAgain() {
        var error = new ErrorV1("BUSY", "Later.", Optional.of("x"));
        var operation = new OperationV1("op-1", "instance.start", "i", "failed", "booting", 1, 2, Optional.of(error), "t",
                Optional.of("u"));
        assertThat(OperationV1.from(read(operation.toJson()))).isEqualTo(operation);
        var parts = new OperationV1("op-1", "image.pull", "i", "running", "downloading", 1, 2, Optional.empty(), "t",
                Optional.empty(), List.of("a"), List.of(new OperationV1.PartV1("0123456789ab", "unpacking", 3, 4)));
        assertThat(OperationV1.from(read(parts.toJson()))).isEqualTo(parts);
        var login = new RegistryLoginV1("r:5000", Optional.of("ä"), Optional.of("b:c"), Optional.empty());
        assertThat(RegistryLoginV1.fromHeader(login.toHeader())).isEqualTo(login);
        assertThatThrownBy(() -> RegistryLoginV1.fromHeader("?")).isInstanceOf(JsonException.class);
        var instance = new InstanceV1("i", "n", "vm", "tiny", "d", "x86_64", 1, 2, 3, "auto", List.of("a"), true, false, true,
                "h", Map.of("k", "v"), "failed", Optional.of("why"), OptionalInt.of(3), "t", Optional.of("s"),
                Optional.empty(), List.of("10.0.2.15"), Optional.of("tcg"));
        assertThat(InstanceV1.from(read(instance.toJson()))).isEqualTo(instance);
        var clone = InstanceV1.from(instance.toJson().put("base", "b").put("baseSnapshot", "s"));
        assertThat(clone.base()).contains("b");
        assertThat(InstanceV1.from(read(clone.toJson()))).isEqualTo(clone);
        var least = CreateInstanceV1.from(JsonObject.parse("{\"image\":\"tiny\"}"));
        assertThat(CreateInstanceV1.from(read(least.toJson()))).isEqualTo(least);
        var exec = new ExecV1(List.of("ls"), Map.of("A", "b"), Optional.of("u"), Optional.empty(), true, true, 80, 25);
        assertThat(ExecV1.from(read(exec.toJson()))).isEqualTo(exec);
    }

    private static JsonObject read(JsonObject written) {
        return JsonObject.parse(written.toText());
    }

    /// The rules of OpenAPI 3.1 that a generator of clients relies on.
    @Test void theDocumentIsWellFormed() {
        var document = OpenApi.document();
        assertThat(document.text("openapi")).startsWith("3.1.");
        var schemas = document.object("components").object("schemas").members().keySet();
        var ids = new ArrayList<String>();
        document.object("paths").members().forEach((path, item) -> {
            assertThat(path).startsWith("/").doesNotContain("...");
            ((Json.Obj) item).value().members().forEach((method, value) -> {
                assertThat(method).isIn("get", "put", "post", "delete");
                var operation = ((Json.Obj) value).value();
                ids.add(operation.text("operationId"));
                assertThat(operation.text("summary")).endsWith(".");
                checkParameters(path, operation);
                checkResponses(operation.object("responses"));
            });
        });
        assertThat(ids).doesNotHaveDuplicates().hasSize(Routes.ROUTES.size());
        checkValues(new Json.Obj(document), schemas);
    }

    private static void checkParameters(String path, JsonObject operation) {
        var inPath = operation.objects("parameters").stream().filter(one -> one.text("in").equals("path")).toList();
        assertThat(inPath).allMatch(one -> one.bool("required"));
        assertThat(inPath.stream().map(one -> "{" + one.text("name") + "}").toList())
                .containsExactlyElementsOf(Arrays.stream(path.split("/")).filter(part -> part.startsWith("{")).toList());
    }

    private static void checkResponses(JsonObject responses) {
        assertThat(responses.members()).containsKey("default").hasSizeGreaterThan(1);
        responses.members().forEach((status, response) -> {
            assertThat(status).matches("[1-5]\\d\\d|default");
            assertThat(((Json.Obj) response).value().text("description")).isNotEmpty();
        });
    }

    /// Every reference leads somewhere; every type is one of JSON Schema.
    private static void checkValues(Json value, Set<String> schemas) {
        switch (value) {
            case Json.Obj(var object) -> object.members().forEach((name, member) -> {
                if (name.equals("$ref")) {
                    assertThat(schemas).contains(object.text("$ref").replace("#/components/schemas/", ""));
                } else if (name.equals("type") && member instanceof Json.Text(var type)) {
                    assertThat(type).isIn("object", "array", "string", "integer", "number", "boolean");
                }
                checkValues(member, schemas);
            });
            case Json.Array(var items) -> items.forEach(item -> checkValues(item, schemas));
            default -> { }
        }
    }
}
