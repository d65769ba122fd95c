package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hostal.image.BuildShop.Wanted;
import dev.hostal.oci.Digest;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.StepLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `ADD` of what is not simply in the context: URLs, git repositories and archives, from servers of this test.
@Timeout(120)
class BuildSourcesTest {
    @TempDir
    private Path folder;
    private BuildShop shop;
    private HttpServer server;
    private String url;

    @BeforeEach void open() throws IOException {
        shop = new BuildShop(folder);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        url = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", this::serve);
        server.start();
    }

    @AfterEach void close() {
        server.stop(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (path.startsWith("/git/")) {
                backend(exchange, path.substring(4));
            } else if (path.startsWith("/hop/")) {
                int left = Integer.parseInt(path.substring(5));
                exchange.getResponseHeaders().add("Location", left == 0 ? "/files/hello.txt" : "/hop/" + (left - 1));
                exchange.sendResponseHeaders(302, -1);
            } else if (path.equals("/files/hello.txt") || path.equals("/")) {
                exchange.getResponseHeaders().add("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
                answer(exchange, "hello".getBytes(UTF_8));
            } else if (path.equals("/files/context.tar.gz")) {
                answer(exchange, compressed("gzip",
                        new Tars().file("f", "x").file("Dockerfile", "FROM scratch\nCOPY f /\n").toBytes()));
            } else if (path.equals("/files/Dockerfile")) {
                answer(exchange, "FROM scratch\nWORKDIR /w\n".getBytes(UTF_8));
            } else if (path.equals("/files/a.tar.gz")) {
                answer(exchange, packed());
            } else if (path.equals("/elsewhere")) {
                exchange.getResponseHeaders().add("Location", "file:///etc/passwd");
                exchange.sendResponseHeaders(301, -1);
            } else if (path.equals("/short")) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write(1);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] packed() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(new Tars().folder("in").file("in/side", "x").toBytes());
        }
        return out.toByteArray();
    }

    /// git's own server, as a web server runs it.
    private void backend(HttpExchange exchange, String path) throws IOException {
        var builder = new ProcessBuilder("git", "http-backend");
        var env = builder.environment();
        env.put("GIT_PROJECT_ROOT", folder.resolve("repositories").toString());
        env.put("GIT_HTTP_EXPORT_ALL", "1");
        env.put("PATH_INFO", path);
        env.put("REQUEST_METHOD", exchange.getRequestMethod());
        env.put("QUERY_STRING", exchange.getRequestURI().getQuery() == null ? "" : exchange.getRequestURI().getQuery());
        env.put("CONTENT_TYPE", String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")));
        var encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        if (encoding != null) env.put("HTTP_CONTENT_ENCODING", encoding);
        var protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
        if (protocol != null) env.put("GIT_PROTOCOL", protocol);
        var process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (OutputStream in = process.getOutputStream()) {
            exchange.getRequestBody().transferTo(in);
        }
        var all = process.getInputStream().readAllBytes();
        int status = 200;
        int at = 0;
        while (true) {
            int end = at;
            while (all[end] != '\n') end++;
            var line = new String(all, at, end - at, UTF_8).strip();
            at = end + 1;
            if (line.isEmpty()) break;
            var parts = line.split(": ", 2);
            if (parts[0].equals("Status")) status = Integer.parseInt(parts[1].substring(0, 3));
            else exchange.getResponseHeaders().add(parts[0], parts[1]);
        }
        exchange.sendResponseHeaders(status, 0);
        exchange.getResponseBody().write(all, at, all.length - at);
    }

    private String git(String... words) throws Exception {
        var argv = new ArrayList<>(List.of("git", "-c", "user.name=n", "-c", "user.email=e@example.com", "-c",
                "init.defaultBranch=main", "-C", Files.createDirectories(folder.resolve("repositories/r.git")).toString()));
        argv.addAll(List.of(words));
        var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    private void commit(String text) throws Exception {
        var place = folder.resolve("repositories/r.git");
        Files.createDirectories(place.resolve("sub"));
        Files.writeString(place.resolve("top"), text);
        Files.writeString(place.resolve("sub/deep"), text + " deep");
        git("add", ".");
        git("commit", "-q", "-m", text);
    }

    @Test void urlsAreFetchedWithTheirNamesAndTimesAndChecked() throws Exception {
        var sum = Digest.of("hello".getBytes(UTF_8)).value();
        shop.build("""
                FROM scratch
                ARG SUM=%s
                ADD %2$s/files/hello.txt?x=1 /in/
                ADD --chmod=644 --chown=1:2 --checksum=$SUM %2$s/files/hello.txt /named
                ADD %2$s/hop/9 %2$s/files/a.tar.gz /in/
                ADD --unpack=true %2$s/files/a.tar.gz /unpacked/
                ADD %2$s/ /root-of-it
                """.formatted(sum, url));
        assertThat(shop.files()).containsEntry("in/hello.txt", "600 0:0 hello").containsEntry("named", "644 1:2 hello")
                .containsEntry("in/9", "600 0:0 hello").containsKey("in/a.tar.gz").containsEntry("unpacked/in/side", "644 0:0 x")
                .containsEntry("root-of-it", "600 0:0 hello");
        assertThat(shop.times()).containsEntry("named", 784111777L);
    }

    @Test void whatIsNotThereOrNotAsItShouldBeIsSaid() {
        var wrong = Map.of(
                "ADD %s/nothing /", "status 404",
                "ADD %s/hop/10 /", "10 redirects",
                "ADD %s/elsewhere /", "may not lead",
                "ADD %s/short /", "was not fetched",
                "ADD --checksum=sha256:" + "0".repeat(64) + " %s/files/hello.txt /", "digest mismatch",
                "ADD --checksum=sha256:" + "0".repeat(64) + " Dockerfile /", "checksum",
                "COPY %s/files/hello.txt /", "can't be a URL",
                "ADD %s/git/none.git /", "failed",
                "ADD file:///etc/passwd /", "not found");
        wrong.forEach((line, why) -> assertThatThrownBy(() -> shop.build("FROM scratch\n" + line.formatted(url))).as(line)
                .hasMessageContaining(why).hasMessageContaining("Dockerfile:2"));
    }

    @Test void repositoriesAreCheckedOutAtTheirBranchesTagsAndCommits() throws Exception {
        git("init", "-q", ".");
        commit("one");
        git("tag", "v1");
        var first = git("rev-parse", "HEAD");
        git("checkout", "-q", "-b", "other");
        commit("two");
        git("checkout", "-q", "main");
        commit("three");
        var remote = url + "/git/r.git/.git";
        shop.build("""
                FROM scratch
                ADD %1$s /head/
                ADD %1$s#other /branch/
                ADD --checksum=%2$s %1$s#v1:sub /tag/
                ADD --keep-git-dir=true %1$s#%2$s /commit/
                """.formatted(remote, first));
        assertThat(shop.files()).containsEntry("head/top", "644 0:0 three").containsEntry("branch/top", "644 0:0 two")
                .containsEntry("tag/deep", "644 0:0 one deep").doesNotContainKey("tag/top")
                .containsEntry("commit/top", "644 0:0 one")
                .containsKey("commit/.git/HEAD").doesNotContainKey("head/.git/HEAD");
        var wrong = Map.of("ADD %s#nowhere /x/", "nowhere", "ADD --checksum=0000 %s /x/", "expected checksum",
                "ADD %s#main:none /x/", "no folder", "ADD %s#--upload-pack=x /x/", "no name");
        wrong.forEach((line, why) -> assertThatThrownBy(() -> shop.build("FROM scratch\n" + line.formatted(remote))).as(line)
                .hasMessageContaining(why));
    }

    @Test void aContextIsFetchedWhereItIsBuilt() throws Exception {
        git("init", "-q", ".");
        Files.writeString(folder.resolve("repositories/r.git/Dockerfile"), "FROM scratch\nCOPY . /all/\n");
        commit("one");
        remote(url + "/git/r.git/.git");
        assertThat(shop.files()).containsEntry("all/top", "644 0:0 one").containsKey("all/sub/deep")
                .doesNotContainKey("all/.git/HEAD");
        Files.writeString(folder.resolve("repositories/r.git/sub/Dockerfile"), "FROM scratch\nCOPY deep /\n");
        commit("two");
        remote(url + "/git/r.git/.git#main:sub");
        assertThat(shop.files()).containsEntry("deep", "644 0:0 two deep").doesNotContainKey("top");
        remote(url + "/files/context.tar.gz");
        assertThat(shop.files()).containsEntry("f", "644 0:0 x");
        remote(url + "/files/Dockerfile");
        assertThat(shop.files()).containsKey("w/");
        assertThatThrownBy(() -> remote(url + "/nowhere")).hasMessageContaining("404");
        assertThatThrownBy(() -> remote("ftp://example.com/x")).hasMessageContaining("neither a URL nor a repository");
    }

    private void remote(String where) throws Exception {
        var nothing = BuildSpec.Asked.NOTHING;
        shop.build(new Tars(), Wanted.USUAL, new BuildSpec.Asked(nothing.caller(), Optional.empty(), Map.of(),
                List.of(), StepLimits.USUAL, Set.of(), Set.of(), Optional.of(where)));
    }

    @Test void archivesOfEveryCompressionAreUnpacked() throws Exception {
        var plain = new Tars().folder("in").file("in/side", "x").toBytes();
        var context = new Tars().file("Dockerfile", """
                FROM scratch
                ADD a.plain /plain/
                ADD a.gzip /gzip/
                ADD a.bzip2 /bzip2/
                ADD a.xz /xz/
                ADD a.zstd /zstd/
                ADD --unpack=false a.gzip /kept/
                ADD broken /broken
                """).file("a.plain", plain, 0644, Map.of()).file("broken", "\u001f\u008b but no archive");
        for (var name : List.of("gzip", "bzip2", "xz", "zstd")) context.file("a." + name, compressed(name, plain),
                0644, Map.of());
        shop.build(context, Wanted.USUAL);
        for (var name : List.of("plain", "gzip", "bzip2", "xz", "zstd")) {
            assertThat(shop.files()).containsEntry(name + "/in/side", "644 0:0 x");
        }
        assertThat(shop.files()).containsKeys("kept/a.gzip", "broken");
    }

    private static byte[] compressed(String name, byte[] plain) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = switch (name) {
            case "gzip" -> new GZIPOutputStream(bytes);
            case "bzip2" -> new org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream(bytes);
            case "xz" -> new org.tukaani.xz.XZOutputStream(bytes, new org.tukaani.xz.LZMA2Options(0));
            default -> new com.github.luben.zstd.ZstdOutputStream(bytes);
        }) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}
