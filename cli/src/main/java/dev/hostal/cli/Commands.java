package dev.hostal.cli;

import dev.hostal.cli.command.ActCommand;
import dev.hostal.cli.command.AttachCommand;
import dev.hostal.cli.command.BuildCommand;
import dev.hostal.cli.command.BuilderPruneCommand;
import dev.hostal.cli.command.CloneCommand;
import dev.hostal.cli.command.CommitCommand;
import dev.hostal.cli.command.CompleteCommand;
import dev.hostal.cli.command.CompletionCommand;
import dev.hostal.cli.command.ConnectStdioCommand;
import dev.hostal.cli.command.ConsoleCommand;
import dev.hostal.cli.command.CpCommand;
import dev.hostal.cli.command.CreateCommand;
import dev.hostal.cli.command.DaemonCommand;
import dev.hostal.cli.command.DeleteCommand;
import dev.hostal.cli.command.DiffCommand;
import dev.hostal.cli.command.DockerEnvCommand;
import dev.hostal.cli.command.DoctorCommand;
import dev.hostal.cli.command.EventsCommand;
import dev.hostal.cli.command.ExecCommand;
import dev.hostal.cli.command.ExportCommand;
import dev.hostal.cli.command.ForkCommand;
import dev.hostal.cli.command.GroupCommand;
import dev.hostal.cli.command.HelpCommand;
import dev.hostal.cli.command.ImageDeleteCommand;
import dev.hostal.cli.command.ImageHistoryCommand;
import dev.hostal.cli.command.ImageImportCommand;
import dev.hostal.cli.command.ImageInspectCommand;
import dev.hostal.cli.command.ImageListCommand;
import dev.hostal.cli.command.ImageLoadCommand;
import dev.hostal.cli.command.ImagePruneCommand;
import dev.hostal.cli.command.ImagePullCommand;
import dev.hostal.cli.command.ImagePushCommand;
import dev.hostal.cli.command.ImageSaveCommand;
import dev.hostal.cli.command.ImageTagCommand;
import dev.hostal.cli.command.ListCommand;
import dev.hostal.cli.command.LoginCommand;
import dev.hostal.cli.command.LogoutCommand;
import dev.hostal.cli.command.LogsCommand;
import dev.hostal.cli.command.NetworkAttachCommand;
import dev.hostal.cli.command.NetworkCreateCommand;
import dev.hostal.cli.command.NetworkDeleteCommand;
import dev.hostal.cli.command.NetworkDetachCommand;
import dev.hostal.cli.command.NetworkListCommand;
import dev.hostal.cli.command.NetworkReserveCommand;
import dev.hostal.cli.command.NetworkShowCommand;
import dev.hostal.cli.command.NetworkUnreserveCommand;
import dev.hostal.cli.command.NetworkWhyCommand;
import dev.hostal.cli.command.NicCommand;
import dev.hostal.cli.command.OperationCancelCommand;
import dev.hostal.cli.command.OperationListCommand;
import dev.hostal.cli.command.OperationShowCommand;
import dev.hostal.cli.command.PoolCommand;
import dev.hostal.cli.command.PortAddCommand;
import dev.hostal.cli.command.PortDeleteCommand;
import dev.hostal.cli.command.PortListCommand;
import dev.hostal.cli.command.PruneCommand;
import dev.hostal.cli.command.RenameCommand;
import dev.hostal.cli.command.RewindCommand;
import dev.hostal.cli.command.RunCommand;
import dev.hostal.cli.command.ShowCommand;
import dev.hostal.cli.command.SnapshotCreateCommand;
import dev.hostal.cli.command.SnapshotDeleteCommand;
import dev.hostal.cli.command.SnapshotListCommand;
import dev.hostal.cli.command.SnapshotRenameCommand;
import dev.hostal.cli.command.SnapshotRestoreCommand;
import dev.hostal.cli.command.SnapshotScheduleCommand;
import dev.hostal.cli.command.SnapshotShowCommand;
import dev.hostal.cli.command.SshCommand;
import dev.hostal.cli.command.StartCommand;
import dev.hostal.cli.command.StatsCommand;
import dev.hostal.cli.command.TopCommand;
import dev.hostal.cli.command.UpdateCommand;
import dev.hostal.cli.command.VersionCommand;
import dev.hostal.cli.command.VolumeCopyCommand;
import dev.hostal.cli.command.VolumeCreateCommand;
import dev.hostal.cli.command.VolumeDeleteCommand;
import dev.hostal.cli.command.VolumeExportCommand;
import dev.hostal.cli.command.VolumeImportCommand;
import dev.hostal.cli.command.VolumeListCommand;
import dev.hostal.cli.command.VolumePruneCommand;
import dev.hostal.cli.command.VolumeShowCommand;
import dev.hostal.cli.command.WaitCommand;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.Nearest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Every command. The table knows their names only, so that a run loads the one class that it needs.
public final class Commands {
    /// A command's names.
    ///
    /// @param name one word, or two such as `image list`
    /// @param group heading in the overview; empty for commands that people do not type
    public record Row(String name, String group, List<String> aliases) {}

    /// The row that the words begin with, and how many of them are its name.
    public record Found(String name, int length) {}

    private static final String INSTANCES = "Instances";
    private static final String TIME = "Points in time and copies";
    private static final String INSIDE = "Inside an instance";
    private static final String IMAGES = "Images";
    private static final String VOLUMES = "Volumes";
    private static final String NETWORKS = "Networks";
    private static final String HOST = "This host";
    private static final String OTHER = "More";
    private static final String HIDDEN = "";

    public static final List<Row> ROWS = List.of(
            row(INSTANCES, "run"),
            row(INSTANCES, "create"),
            row(INSTANCES, "start"),
            row(INSTANCES, "stop"),
            row(INSTANCES, "kill"),
            row(INSTANCES, "restart"),
            row(INSTANCES, "pause"),
            row(INSTANCES, "resume", "unpause"),
            row(INSTANCES, "list", "ps", "ls"),
            row(INSTANCES, "show", "inspect"),
            row(INSTANCES, "rename"),
            row(INSTANCES, "update"),
            row(INSTANCES, "prune", "container prune", "instance prune"),
            row(INSTANCES, "delete", "rm"),
            row(INSTANCES, "wait"),
            row(INSTANCES, "events"),
            row(INSTANCES, "stats"),
            row(TIME, "snapshot create"),
            row(TIME, "snapshot list", "snapshots", "snapshot ls"),
            row(TIME, "snapshot show"),
            row(TIME, "snapshot restore"),
            row(TIME, "snapshot delete", "snapshot rm"),
            row(TIME, "snapshot rename"),
            row(TIME, "snapshot schedule"),
            row(TIME, "rewind"),
            row(TIME, "suspend"),
            row(TIME, "clone"),
            row(TIME, "flatten"),
            row(TIME, "fork"),
            row(TIME, "pool create"),
            row(TIME, "pool list", "pools", "pool ls"),
            row(TIME, "pool show"),
            row(TIME, "pool take"),
            row(TIME, "pool delete", "pool rm"),
            row(INSIDE, "exec"),
            row(INSIDE, "attach"),
            row(INSIDE, "console"),
            row(INSIDE, "logs"),
            row(INSIDE, "top"),
            row(INSIDE, "diff"),
            row(INSIDE, "export"),
            row(INSIDE, "commit"),
            row(INSIDE, "cp"),
            row(INSIDE, "ssh"),
            row(IMAGES, "build"),
            row(IMAGES, "builder prune"),
            row(IMAGES, "image list", "images", "image ls"),
            row(IMAGES, "image pull", "pull"),
            row(IMAGES, "image push", "push"),
            row(IMAGES, "image tag", "tag"),
            row(IMAGES, "image inspect"),
            row(IMAGES, "image history", "history"),
            row(IMAGES, "image save", "save"),
            row(IMAGES, "image load", "load"),
            row(IMAGES, "image import", "import"),
            row(IMAGES, "image prune"),
            row(IMAGES, "login"),
            row(IMAGES, "logout"),
            row(IMAGES, "image delete", "rmi", "image rm"),
            row(VOLUMES, "volume create"),
            row(VOLUMES, "volume list", "volume ls"),
            row(VOLUMES, "volume show", "volume inspect"),
            row(VOLUMES, "volume delete", "volume rm"),
            row(VOLUMES, "volume prune"),
            row(VOLUMES, "volume export"),
            row(VOLUMES, "volume import"),
            row(VOLUMES, "volume snapshot"),
            row(VOLUMES, "volume clone"),
            row(NETWORKS, "network create"),
            row(NETWORKS, "network list", "network ls"),
            row(NETWORKS, "network show", "network inspect"),
            row(NETWORKS, "network delete", "network rm"),
            row(NETWORKS, "network attach", "network connect"),
            row(NETWORKS, "network detach", "network disconnect"),
            row(NETWORKS, "network reserve"),
            row(NETWORKS, "network unreserve"),
            row(NETWORKS, "network nics"),
            row(NETWORKS, "network shape"),
            row(NETWORKS, "network capture"),
            row(NETWORKS, "network why"),
            row(NETWORKS, "group create"),
            row(NETWORKS, "group list", "groups", "group ls"),
            row(NETWORKS, "group show"),
            row(NETWORKS, "group allow"),
            row(NETWORKS, "group deny"),
            row(NETWORKS, "group revoke"),
            row(NETWORKS, "group attach"),
            row(NETWORKS, "group detach"),
            row(NETWORKS, "group delete", "group rm"),
            row(NETWORKS, "port add"),
            row(NETWORKS, "port list", "port ls"),
            row(NETWORKS, "port delete", "port rm"),
            row(HOST, "doctor"),
            row(HOST, "docker-env"),
            row(HOST, "daemon start"),
            row(HOST, "daemon stop"),
            row(HOST, "daemon restart"),
            row(HOST, "daemon status"),
            row(HOST, "daemon log"),
            row(HOST, "operation list"),
            row(HOST, "operation show"),
            row(HOST, "operation cancel"),
            row(OTHER, "completion"),
            row(OTHER, "version"),
            row(OTHER, "help"),
            row(HIDDEN, "connect-stdio"),
            row(HIDDEN, "complete-words"));

    private Commands() {}

    private static Row row(String group, String name, String... aliases) {
        return new Row(name, group, List.of(aliases));
    }

    static Command make(String name) {
        return switch (name) {
            case "run" -> new RunCommand();
            case "create" -> new CreateCommand();
            case "start" -> new StartCommand();
            case "stop", "kill", "restart", "pause", "resume", "suspend", "flatten" -> new ActCommand(name);
            case "list" -> new ListCommand();
            case "show" -> new ShowCommand();
            case "rename" -> new RenameCommand();
            case "update" -> new UpdateCommand();
            case "prune" -> new PruneCommand();
            case "top" -> new TopCommand();
            case "diff" -> new DiffCommand();
            case "export" -> new ExportCommand();
            case "commit" -> new CommitCommand();
            case "delete" -> new DeleteCommand();
            case "wait" -> new WaitCommand();
            case "events" -> new EventsCommand();
            case "stats" -> new StatsCommand();
            case "snapshot create" -> new SnapshotCreateCommand();
            case "snapshot list" -> new SnapshotListCommand();
            case "snapshot show" -> new SnapshotShowCommand();
            case "snapshot restore" -> new SnapshotRestoreCommand();
            case "snapshot delete" -> new SnapshotDeleteCommand();
            case "snapshot rename" -> new SnapshotRenameCommand();
            case "snapshot schedule" -> new SnapshotScheduleCommand();
            case "rewind" -> new RewindCommand();
            case "clone" -> new CloneCommand();
            case "fork" -> new ForkCommand();
            case "pool create", "pool list", "pool show", "pool take", "pool delete" ->
                    new PoolCommand(name.substring("pool ".length()));
            case "exec" -> new ExecCommand();
            case "attach" -> new AttachCommand();
            case "console" -> new ConsoleCommand();
            case "logs" -> new LogsCommand();
            case "cp" -> new CpCommand();
            case "ssh" -> new SshCommand();
            case "build" -> new BuildCommand();
            case "builder prune" -> new BuilderPruneCommand();
            case "image list" -> new ImageListCommand();
            case "image pull" -> new ImagePullCommand();
            case "image push" -> new ImagePushCommand();
            case "image tag" -> new ImageTagCommand();
            case "image inspect" -> new ImageInspectCommand();
            case "image history" -> new ImageHistoryCommand();
            case "image save" -> new ImageSaveCommand();
            case "image load" -> new ImageLoadCommand();
            case "image import" -> new ImageImportCommand();
            case "image prune" -> new ImagePruneCommand();
            case "login" -> new LoginCommand();
            case "logout" -> new LogoutCommand();
            case "image delete" -> new ImageDeleteCommand();
            case "network create" -> new NetworkCreateCommand();
            case "network list" -> new NetworkListCommand();
            case "network show" -> new NetworkShowCommand();
            case "network delete" -> new NetworkDeleteCommand();
            case "network attach" -> new NetworkAttachCommand();
            case "network detach" -> new NetworkDetachCommand();
            case "network reserve" -> new NetworkReserveCommand();
            case "network unreserve" -> new NetworkUnreserveCommand();
            case "network nics", "network shape", "network capture" -> new NicCommand(name.substring("network ".length()));
            case "network why" -> new NetworkWhyCommand();
            case "group create", "group list", "group show", "group allow", "group deny", "group revoke", "group attach",
                    "group detach", "group delete" -> new GroupCommand(name.substring("group ".length()));
            case "port add" -> new PortAddCommand();
            case "port list" -> new PortListCommand();
            case "port delete" -> new PortDeleteCommand();
            case "volume create" -> new VolumeCreateCommand();
            case "volume list" -> new VolumeListCommand();
            case "volume show" -> new VolumeShowCommand();
            case "volume delete" -> new VolumeDeleteCommand();
            case "volume prune" -> new VolumePruneCommand();
            case "volume export" -> new VolumeExportCommand();
            case "volume import" -> new VolumeImportCommand();
            case "volume snapshot", "volume clone" -> new VolumeCopyCommand(name.substring("volume ".length()));
            case "doctor" -> new DoctorCommand();
            case "docker-env" -> new DockerEnvCommand();
            case "daemon start", "daemon stop", "daemon restart", "daemon status", "daemon log" ->
                    new DaemonCommand(name.substring("daemon ".length()));
            case "operation list" -> new OperationListCommand();
            case "operation show" -> new OperationShowCommand();
            case "operation cancel" -> new OperationCancelCommand();
            case "completion" -> new CompletionCommand();
            case "version" -> new VersionCommand();
            case "help" -> new HelpCommand();
            case "connect-stdio" -> new ConnectStdioCommand();
            case "complete-words" -> new CompleteCommand();
            default -> throw new IllegalArgumentException("no command '%s' is in the table".formatted(name));
        };
    }

    /// How a command is called.
    public static Usage usage(String name) {
        return make(name).usage();
    }

    /// The command that the words begin with: by name or alias, the longer name first.
    public static Optional<Found> find(List<String> words) {
        if (words.size() > 1) {
            var two = words.get(0) + " " + words.get(1);
            var row = findRow(two);
            if (row.isPresent()) return row.map(found -> new Found(found.name(), 2));
        }
        return words.isEmpty() ? Optional.empty() : findRow(words.getFirst()).map(row -> new Found(row.name(), 1));
    }

    private static Optional<Row> findRow(String name) {
        for (var row : ROWS) {
            if (row.name().equals(name) || row.aliases().contains(name)) return Optional.of(row);
        }
        return Optional.empty();
    }

    public static List<String> aliases(String name) {
        return findRow(name).map(Row::aliases).orElse(List.of());
    }

    /// Whether the word begins names of two words, as `image` does.
    public static boolean isGroup(String word) {
        return ROWS.stream().anyMatch(row -> row.name().startsWith(word + " "));
    }

    /// What to say when the words begin no command.
    public static String unknown(List<String> words) {
        boolean group = isGroup(words.getFirst());
        var wanted = group && words.size() > 1 ? words.get(0) + " " + words.get(1) : words.getFirst();
        var names = ROWS.stream()
                .filter(row -> !row.group().equals(HIDDEN))
                .flatMap(row -> Stream.concat(Stream.of(row.name()),
                        row.aliases().stream()))
                .filter(name -> !group || name.startsWith(words.getFirst() + " "))
                .toArray(String[]::new);
        return "'%s' is not a command.\nMaybe you meant 'hostal %s'; 'hostal help' lists all."
                .formatted(wanted, Nearest.of(wanted, names));
    }

    /// The list of commands, by groups.
    ///
    /// @param prefix only commands whose names begin so
    public static String overview(String prefix) {
        var text = new StringBuilder();
        if (prefix.isEmpty()) {
            text.append("""
                    Usage: hostal COMMAND [OPTIONS] [ARGUMENTS]

                    Runs virtual machines and containers from the images you have.
                    """);
        } else {
            text.append("Usage: hostal ").append(prefix).append("COMMAND [OPTIONS] [ARGUMENTS]\n");
        }
        var group = "";
        for (var row : ROWS) {
            if (row.group().equals(HIDDEN) || !row.name().startsWith(prefix)) continue;
            if (!row.group().equals(group)) text.append('\n').append(row.group()).append(":\n");
            group = row.group();
            text.append("  %-18s %s\n".formatted(row.name(), usage(row.name()).summary()));
        }
        return text.append("\nEvery command: --help prints its manual, --json prints for programs.\n").toString();
    }
}
