package dev.hostal.bench;

import java.io.IOException;
import java.util.ArrayList;

/// `hostal list` with the daemon up, beside what users of other platforms type.
final class TrivialCommand {
    private TrivialCommand() {}

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("daemon", "start");
        var commands = new ArrayList<Command>();
        commands.add(bench.hostal("list"));
        if (Bench.has("docker") && dockerAnswers(bench)) {
            commands.add(Command.of("docker ps", bench.home(), "docker", "ps"));
        }
        if (Bench.has("virsh")) {
            commands.add(Command.of("virsh list", bench.home(), "virsh", "-c", "test:///default", "list"));
        }
        table.add("trivial command", Command.inTurn(Bench.QUICK_ROUNDS, commands.toArray(Command[]::new)));
    }

    private static boolean dockerAnswers(Bench bench) throws InterruptedException {
        try {
            Command.of("docker version", bench.home(), "docker", "version").seconds();
            return true;
        } catch (IOException noDaemon) {
            System.out.println("docker ps is left out: " + noDaemon.getMessage());
            return false;
        }
    }
}
