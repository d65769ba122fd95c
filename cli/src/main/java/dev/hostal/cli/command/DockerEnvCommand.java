package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;

/// `hostal docker-env`.
public final class DockerEnvCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("docker-env", "print what makes docker's tools use this daemon", """
                        Prints a line for a shell: 'eval "$(hostal docker-env)"', and the docker command line and everything
                        else that reads DOCKER_HOST speaks to this daemon. What it makes is in 'hostal list', and the other
                        way round.""");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var host = "unix://" + Path.of(session.hostal().daemon().socket()).resolveSibling("docker.sock");
        if (arguments.json()) session.print(new JsonObject().put("DOCKER_HOST", host));
        else session.out().line("export DOCKER_HOST='" + host.replace("'", "'\\''") + "'");
        return 0;
    }
}
