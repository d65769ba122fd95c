package dev.hostal.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.json.JsonObject;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerLoginsTest {
    @TempDir
    private Path folder;

    private DockerLogins logins() {
        return new DockerLogins(folder.resolve("docker"), folder.resolve("bin") + ":/nowhere");
    }

    private void config(String text) throws IOException {
        Files.createDirectories(folder.resolve("docker"));
        Files.writeString(folder.resolve("docker/config.json"), text);
    }

    private Optional<RegistryLogin> find(String config, String registry) throws IOException, InterruptedException {
        config(config);
        return logins().find(registry);
    }

    @Test void readsWhatDockerLoginWrote() throws Exception {
        assertThat(logins().find("docker.io")).isEmpty();
        var config = """
                {"auths": {
                  "https://index.docker.io/v1/": {"auth": "YW5uOnM6Yw=="},
                  "reg:5000": {"username": "bob", "password": "pw"},
                  "https://old/v1/": {"identitytoken": "refresh"},
                  "empty": {}}}""";
        assertThat(find(config, "docker.io")).contains(new RegistryLogin("docker.io", "ann", "s:c"));
        assertThat(find(config, "reg:5000")).contains(new RegistryLogin("reg:5000", "bob", "pw"));
        assertThat(find(config, "old")).hasValueSatisfying(login -> assertThat(login.isIdentityToken()).isTrue());
        assertThat(find(config, "empty")).isEmpty();
        assertThat(find(config, "other")).isEmpty();
    }

    @Test void whatIsDamagedIsNamed() {
        assertThatThrownBy(() -> find("{", "a")).isInstanceOf(IOException.class).hasMessageContaining("config.json");
        assertThatThrownBy(() -> find("{\"auths\":{\"a\":{\"auth\":\"%\"}}}", "a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> find("{\"credsStore\":\"../evil\"}", "a"))
                .isInstanceOf(IOException.class).hasMessageContaining("names no helper");
        assertThatThrownBy(() -> find("{\"credHelpers\":{\"a\":\"not-there\"}}", "a"))
                .isInstanceOf(IOException.class).hasMessageContaining("docker-credential-not-there");
    }

    @Test void aLoginIsKeptBesideWhatIsThere() throws Exception {
        config("{\"currentContext\":\"x\",\"auths\":{\"a\":{\"auth\":\"YTpi\"}}}");
        assertThat(logins().store(new RegistryLogin("b:1", "ann", "pw"))).isTrue();
        assertThat(logins().store(new RegistryLogin("docker.io", "eve", "p:w"))).isTrue();
        assertThat(logins().find("a")).contains(new RegistryLogin("a", "a", "b"));
        assertThat(logins().find("b:1")).contains(new RegistryLogin("b:1", "ann", "pw"));
        assertThat(logins().find("docker.io")).contains(new RegistryLogin("docker.io", "eve", "p:w"));
        var file = folder.resolve("docker/config.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(JsonObject.parse(Files.readString(file)).text("currentContext")).isEqualTo("x");
        assertThat(logins().erase("b:1")).isTrue();
        assertThat(logins().erase("b:1")).isFalse();
        assertThat(logins().find("b:1")).isEmpty();
        try (var files = Files.list(folder.resolve("docker"))) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test void aHelperIsSpokenToOverItsStreams() throws Exception {
        Files.createDirectories(folder.resolve("bin"));
        var helper = folder.resolve("bin/docker-credential-box");
        Files.writeString(helper, """
                #!/bin/sh
                box=%s
                case $1 in
                    store) cat >"$box" ;;
                    erase) rm -f "$box" ;;
                    get)
                        read -r key
                        if [ "$key" = broken ]; then echo '{'; exit 0; fi
                        if [ "$key" = locked ]; then echo 'the key ring is locked'; exit 1; fi
                        if [ -e "$box" ]; then cat "$box"; else
                            echo 'credentials not found in native keychain'; exit 1
                        fi ;;
                esac
                """.formatted(folder.resolve("box")));
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        config("{\"credsStore\":\"none\",\"credHelpers\":{\"reg:5\":\"box\",\"broken\":\"box\",\"locked\":\"box\"}}");
        assertThat(logins().find("reg:5")).isEmpty();
        assertThat(logins().store(new RegistryLogin("reg:5", "ann", "hidden"))).isFalse();
        assertThat(Files.readString(folder.resolve("docker/config.json"))).doesNotContain("hidden", "ann");
        assertThat(logins().find("reg:5")).contains(new RegistryLogin("reg:5", "ann", "hidden"));
        assertThat(logins().erase("reg:5")).isTrue();
        assertThat(folder.resolve("box")).doesNotExist();
        assertThatThrownBy(() -> logins().find("broken")).hasMessageContaining("answered no login");
        assertThatThrownBy(() -> logins().find("locked")).hasMessageContaining("the key ring is locked");
    }

    @Test void secretsAreNotPrinted() {
        assertThat(new RegistryLogin("a", "ann", "secret")).asString().doesNotContain("secret");
        assertThat(new RegistryLogin("a", "", "secret")).asString().doesNotContain("secret");
    }
}
