package dev.hostal.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Against replies of query-qmp-schema captured from real QEMUs, one file a version.
class QmpSchemaTest {
    @Test void everyCommandWeSendIsInQemusOwnSchema() {
        for (var schema : CapturedSchema.all()) {
            for (var command : QmpSamples.all()) {
                assertThat(schema.problemsIn(command)).as("%s, %s", schema.version(), command).isEmpty();
            }
        }
    }

    @Test void everyKindOfCommandHasASample() {
        var sampled = QmpSamples.all().stream().map(Object::getClass).collect(Collectors.toSet());
        assertThat(sampled).isEqualTo(recordsOf(QmpCommand.class));
    }

    @Test void theMembersThatWeReadExist() {
        for (var schema : CapturedSchema.all()) {
            assertThat(schema.missingInReply(new QmpCommand.QueryStatus(), List.of("status", "running"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryBlockstats(), List.of("qdev", "stats"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryBlock(), List.of("qdev", "inserted"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryNamedBlockNodes(),
                    List.of("node-name", "drv", "file"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryJobs(),
                    List.of("id", "status", "current-progress", "total-progress", "error"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QomList("/machine"), List.of("name"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryMigrate(), List.of("status", "error-desc"))).isEmpty();
            assertThat(schema.missingInReply(new QmpCommand.QueryBlockstats(), List.of("nonsense")))
                    .containsExactly("nonsense");
        }
    }

    private static Set<Class<?>> recordsOf(Class<?> sealed) {
        var records = new HashSet<Class<?>>();
        Stream.of(sealed.getPermittedSubclasses())
                .forEach(type -> records.addAll(type.isSealed() ? recordsOf(type) : Set.of(type)));
        return records;
    }
}
