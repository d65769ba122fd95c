package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.ApiReference;
import dev.hostal.api.OpenApi;
import dev.hostal.base.ErrorCode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The printed references are those in the repository.
class ReferenceTest {
    @Test void openApi() throws IOException {
        Golden.check("docs/reference/openapi.json", OpenApi.document().toPrettyText() + "\n");
    }

    @Test void api() throws IOException {
        Golden.check("docs/reference/api.md", ApiReference.text());
    }

    @Test void errors() throws IOException {
        var text = new StringBuilder("""
                # Error codes

                Printed from the catalogue; do not edit. A code is stable and never re-used. Each is in the member `code` of an
                error, with the status that is beside it here; the message says what holds in the case at hand.

                """);
        for (var code : ErrorCode.values()) {
            var paragraph = ErrorParagraphs.of(code);
            assertThat(paragraph).as(code.name()).endsWith(".").hasSizeGreaterThan(60);
            text.append("## `%s` (%d)\n\n%s\n\n".formatted(code, code.httpStatus(), paragraph));
        }
        Golden.check("docs/reference/errors.md", text.toString().stripTrailing() + "\n");
    }

    @Test void configuration() throws IOException {
        var text = new StringBuilder("""
                # Configuration

                Printed from the table of settings; do not edit.

                The daemon needs none. It is started by the first command that needs it, from the environment of that command, or
                by hand: `hostal daemon run` with these flags. A flag wins over its environment variable.

                | Flag | Variable | Where nothing is said | |
                | --- | --- | --- | --- |
                """);
        for (var setting : Setting.ALL) {
            var value = setting.value().isEmpty() ? "" : " " + setting.value();
            text.append("| `--%s%s` | `%s` | %s | %s |\n".formatted(setting.flag(), value, setting.variable(),
                    setting.otherwise(), setting.text()));
        }
        text.append("""

                The launcher `hostal` and the command line read these too:

                | Variable | |
                | --- | --- |
                | `JAVA_HOME` | The JDK to look at first; it must be 25 or newer. |
                | `HOSTAL_JDKS` | Folders to look for a JDK in, instead of the usual ones. |
                | `HOSTAL_JAVA_OPTIONS` | More options for the JVM, of the command line and of a daemon that it starts. |
                | `HOSTAL_NO_TRAINING` | Anything: no start-up caches are made after a build. |
                | `DOCKER_CONFIG` | Folder of Docker's `config.json`, whose credentials are used at registries; `~/.docker` \
                otherwise. |

                The launcher gives the daemon's JVM the serial collector and a heap of 16 to 256 MiB. After 20 seconds without a
                request the daemon collects once, and the options on free heap and on trimming make the JVM give back to the
                host what is free then.

                What is in the home stands in [ARCHITECTURE](../ARCHITECTURE.md#where-things-are-kept).
                """);
        Golden.check("docs/reference/configuration.md", text.toString());
    }
}
