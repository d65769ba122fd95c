package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Clones, forks, pools and warm runs of real guests.
@Tag("real")
@ExtendWith(OneHome.class)
class CopiesTest {
    private static final String IDENTITY = "hostname; cat /sys/class/net/*/address | grep -v ^00:00:00:00:00:00;"
            + " ip -6 addr show eth0 | grep -o 'fe80[^/]*'";
    /// Where the kernel laid the stack of the agent: another place after each boot, the same after each checkpoint.
    private static final String BOOT = "grep stack /proc/1/maps";

    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var pool : cli.run("pool", "list", "-q").succeeded().out().lines().toList()) {
            cli.run("pool", "delete", pool).succeeded();
        }
        // Linked clones before what they lie over.
        for (var name : cli.names().reversed()) {
            cli.run("delete", "--force", name).succeeded();
        }
        assertThat(cli.names()).isEmpty();
    }

    private static String exec(Cli cli, String name, String script) throws Exception {
        return cli.run("exec", name, "sh", "-c", script).succeeded().out();
    }

    @Test void clonesHaveTheContentAndAnIdentityOfTheirOwn(Cli cli) throws Exception {
        Counting.start(cli, "base");
        exec(cli, "base", "echo content > /root/file; sync");

        cli.run("clone", "base", "full", "--start").succeeded();
        cli.run("clone", "--linked", "base", "linked").succeeded();
        cli.run("start", "linked").succeeded();
        assertThat(cli.run("show", "linked").succeeded().out()).containsPattern("Lies over +base\n");

        var identities = new HashSet<String>();
        for (var name : List.of("base", "full", "linked")) {
            assertThat(exec(cli, name, "cat /root/file")).isEqualTo("content\n");
            identities.addAll(exec(cli, name, IDENTITY).lines().toList());
        }
        assertThat(identities).hasSize(9).contains("base", "full", "linked");
        exec(cli, "linked", "echo other > /root/file; sync");
        assertThat(exec(cli, "base", "cat /root/file")).isEqualTo("content\n");

        assertThat(cli.run("delete", "--force", "base").endedWith(1).err()).contains("linked");
        cli.run("flatten", "linked").succeeded();
        assertThat(cli.run("show", "linked").succeeded().out()).doesNotContain("Lies over");
        cli.run("delete", "--force", "base").succeeded();
        assertThat(exec(cli, "linked", "cat /root/file")).isEqualTo("other\n");
        cli.run("restart", "linked").succeeded();
        assertThat(exec(cli, "linked", "cat /root/file")).isEqualTo("other\n");
    }

    @Test void aMachineWaitsForTheNextRun(Cli usual) throws Exception {
        usual.run("daemon", "stop").succeeded();
        var cli = usual.keepingOneAhead();
        try {
            assertThat(cli.run("run", "--rm", "--vm", "tiny", "echo", "first").succeeded().out()).isEqualTo("first\n");
            assertThat(cli.names()).isEmpty();
            boolean had = false;
            for (int run = 0; !had && run < 20; run++) {
                var waiting = oneAhead(cli);
                var said = cli.run("run", "--rm", "--vm", "--name", "next", "tiny", "sh", "-c",
                        "hostname; date +%s; cat /sys/class/net/eth0/address").succeeded().out().lines().toList();
                assertThat(said.getFirst()).isEqualTo("next");
                assertThat(Math.abs(Long.parseLong(said.get(1)) - System.currentTimeMillis() / 1000)).isLessThan(60);
                // Its address is made of its id. One that is a moment from being ready is not waited for.
                had = said.get(2).replace(":", "").endsWith(waiting.substring(0, 6));
            }
            assertThat(had).isTrue();
            cli.run("daemon", "stop").succeeded();
            assertThat(machines(cli)).isEmpty();
        } finally {
            cli.run("daemon", "stop");
        }
    }

    /// The machine that is nobody's, once it is the only one and told who it is.
    private static String oneAhead(Cli cli) throws Exception {
        for (int look = 0; look < 1200; look++) {
            var there = machines(cli);
            if (there.size() == 1 && Files.exists(cli.home().resolve("run/m").resolve(there.getFirst()).resolve("renewed"))) {
                return there.getFirst();
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no machine waits: " + machines(cli));
    }

    private static List<String> machines(Cli cli) throws Exception {
        var folder = cli.home().resolve("run/m");
        if (!Files.exists(folder)) return List.of();
        try (var all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    @Test void aSnapshotIsCloned(Cli cli) throws Exception {
        Counting.start(cli, "source");
        exec(cli, "source", "echo then > /root/file; sync");
        cli.run("snapshot", "create", "source", "then").succeeded();
        exec(cli, "source", "echo now > /root/file; sync");

        cli.run("clone", "source/then", "copy", "--start").succeeded();

        assertThat(exec(cli, "copy", "cat /root/file")).isEqualTo("then\n");
    }

    @Test void forksGoOnWithAnIdentityOfTheirOwn(Cli cli) throws Exception {
        Counting.start(cli, "parent");
        Counting.reaches(cli, "parent", 30);

        var names = cli.run("fork", "--count", "3", "parent").succeeded().out().lines().toList();

        assertThat(names).hasSize(3).doesNotHaveDuplicates();
        var identities = new HashSet<String>(exec(cli, "parent", IDENTITY).lines().toList());
        var random = new HashSet<String>();
        for (var name : names) {
            int count = Counting.of(cli, name);
            assertThat(count).isGreaterThanOrEqualTo(30);
            Counting.reaches(cli, name, count + 5);
            identities.addAll(exec(cli, name, IDENTITY).lines().toList());
            random.add(exec(cli, name, "head -c 16 /dev/urandom | md5sum"));
        }
        assertThat(identities).hasSize(12).containsAll(names);
        assertThat(random).hasSize(3);

        // A fork can be forked, and outlives its parents.
        var grandchild = cli.run("fork", "--name", "grandchild", names.getFirst()).succeeded().out().strip();
        assertThat(grandchild).isEqualTo("grandchild");
        exec(cli, names.getFirst(), "echo mine > /root/file");
        cli.run("delete", "--force", "parent").succeeded();
        cli.run("delete", "--force", names.getFirst()).succeeded();
        Counting.reaches(cli, "grandchild", Counting.of(cli, "grandchild") + 5);
        cli.run("restart", "grandchild").succeeded();
        Counting.reaches(cli, "grandchild", 1);
    }

    @Test void aGroupIsForkedTogether(Cli cli) throws Exception {
        Counting.start(cli, "left");
        Counting.start(cli, "right");

        cli.run("fork", "--group", "--name", "blue", "left", "right").succeeded();

        assertThat(exec(cli, "left-blue", "hostname")).isEqualTo("left-blue\n");
        assertThat(exec(cli, "right-blue", "hostname")).isEqualTo("right-blue\n");
    }

    @Test void aPoolHandsOutAndFillsAgain(Cli cli) throws Exception {
        Counting.start(cli, "warm");
        cli.run("pool", "create", "workers", "--from", "warm", "--ready", "2").succeeded();
        cli.run("delete", "--force", "warm").succeeded();

        for (var name : List.of("job-1", "job-2", "job-3")) {
            assertThat(cli.run("pool", "take", "workers", "--name", name).succeeded().out().strip()).isEqualTo(name);
            assertThat(exec(cli, name, "hostname")).isEqualTo(name + "\n");
        }
        for (int i = 0; i < 300 && waiting(cli) < 2; i++) {
            Thread.sleep(200);
        }
        assertThat(waiting(cli)).isEqualTo(2);
        cli.crashDaemon();
        assertThat(exec(cli, cli.run("pool", "take", "workers").succeeded().out().strip(), "echo ok")).isEqualTo("ok\n");
        cli.run("pool", "delete", "workers").succeeded();
        assertThat(cli.run("pool", "show", "workers").endedWith(1).err()).contains("workers");
    }

    private static long waiting(Cli cli) throws Exception {
        return cli.run("pool", "show", "--json", "workers").succeeded().json().integer("waiting");
    }

    @Test void theSecondRunOfAnImageIsWarm(Cli cli) throws Exception {
        String first = boot(cli);
        String second = boot(cli);
        // The checkpoint may be made behind the first run.
        for (int i = 0; i < 20 && !first.equals(second); i++) {
            first = second;
            second = boot(cli);
        }
        assertThat(second).isEqualTo(first);
        assertThat(boot(cli, "--cold")).isNotEqualTo(second);

        var uuids = new HashSet<String>();
        var hosts = new HashSet<String>();
        for (int i = 0; i < 3; i++) {
            var out = cli.run("run", "--rm", "--vm", "tiny", "sh", "-c", "cat /proc/sys/kernel/random/uuid; hostname; date +%s")
                    .succeeded().out().lines().toList();
            uuids.add(out.get(0));
            hosts.add(out.get(1));
            assertThat(Long.parseLong(out.get(2))).isCloseTo(System.currentTimeMillis() / 1000,
                    org.assertj.core.data.Offset.offset(30L));
        }
        assertThat(uuids).hasSize(3);
        assertThat(hosts).hasSize(3);
        assertThat(cli.run("run", "--rm", "--vm", "tiny", "sh", "-c", "exit 7").status()).isEqualTo(7);
        assertThat(cli.runWithInput("through", "run", "--rm", "-i", "--vm", "tiny", "cat").succeeded().out())
                .isEqualTo("through");
    }

    private static String boot(Cli cli, String... options) throws Exception {
        var words = new ArrayList<>(List.of("run", "--rm", "--vm"));
        words.addAll(List.of(options));
        words.addAll(List.of("tiny", "sh", "-c", BOOT));
        return cli.run(words.toArray(String[]::new)).succeeded().out();
    }
}
