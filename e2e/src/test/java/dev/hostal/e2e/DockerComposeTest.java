package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Debian's `docker compose` with a project of three services.
@Tag("real")
@ExtendWith(OneHome.class)
class DockerComposeTest {
    private static final String PROJECT = """
            name: shop
            services:
              db:
                image: tiny
                command: ["sh", "-c", "mkdir -p /data/www; echo stored > /data/www/index.html; exec httpd -f -p 80 -h /data/www"]
                networks: {back: {aliases: [store]}}
                volumes: ["data:/data"]
                healthcheck: {test: ["CMD", "wget", "-qO-", "http://127.0.0.1/"], interval: 1s, timeout: 20s, retries: 60}
              app:
                image: tiny
                command: ["sh", "-c", "mkdir /w; wget -qO /w/index.html http://store/ && echo app has it; exec httpd -f -p 8080 -h /w"]
                networks: [back, front]
                environment: {NAME: shop-app}
                depends_on: {db: {condition: service_healthy}}
                healthcheck: {test: "wget -qO- http://localhost:8080/", interval: 1s, timeout: 20s, retries: 60}
                ports: ["127.0.0.1::8080"]
              web:
                image: tiny
                command: ["sh", "-c", "wget -qO- http://app:8080/; exec sleep 1000"]
                networks: [front]
                tmpfs: [/t]
                depends_on: {app: {condition: service_healthy}}
            networks:
              back: {internal: true}
              front: {}
            volumes:
              data: {}
            """;

    private final Cli cli;

    DockerComposeTest(Cli cli) {
        this.cli = cli;
    }

    @Test void aProjectOfThreeServicesComesUpAndGoes(@TempDir Path folder) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        Files.writeString(folder.resolve("compose.yaml"), PROJECT);
        try (var docker = new DockerCli(cli).withCompose()) {
            docker.succeeds(folder, "compose", "up", "-d", "--wait");
            assertThat(cli.names()).contains("shop-db-1", "shop-app-1", "shop-web-1");
            assertThat(docker.succeeds(folder, "compose", "ps", "--format", "{{.Service}} {{.Health}}"))
                    .contains("db healthy", "app healthy");
            var place = docker.succeeds(folder, "compose", "port", "app", "8080").strip();
            try (var body = URI.create("http://" + place + "/").toURL().openStream()) {
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("stored\n");
            }
            assertThat(docker.succeeds(folder, "compose", "logs", "--no-color")).contains("app has it", "stored");
            assertThat(docker.succeeds(folder, "compose", "exec", "-T", "app", "sh", "-c", "cat /w/index.html; echo $NAME"))
                    .isEqualTo("stored\nshop-app\n");
            // Who is not in a network does not find its names.
            assertThat(docker.run(folder, "", "compose", "exec", "-T", "web", "wget", "-T", "5", "-qO-",
                    "http://store/").status()).isNotZero();
            docker.succeeds(folder, "compose", "up", "-d");
            docker.succeeds(folder, "compose", "restart", "-t", "1", "web");
            assertThat(docker.succeeds(folder, "volume", "ls", "-q")).contains("shop_data");
            docker.succeeds(folder, "compose", "down", "-v", "-t", "1");
            assertThat(cli.names()).doesNotContain("shop-db-1", "shop-app-1", "shop-web-1");
            assertThat(docker.succeeds(folder, "volume", "ls", "-q")).doesNotContain("shop_data");
            assertThat(docker.succeeds(folder, "network", "ls", "--format", "{{.Name}}")).doesNotContain("shop_");
        }
    }
}
