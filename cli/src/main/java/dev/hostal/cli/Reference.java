package dev.hostal.cli;

import dev.hostal.cli.usage.Manual;

/// Every command's manual as one Markdown document. It is kept as docs/reference/cli.md, and a test compares.
final class Reference {
    private Reference() {}

    static String text() {
        var text = new StringBuilder("""
                # The command line

                Printed from the descriptions that `hostal COMMAND --help` prints; a test compares.

                Standard output has what was asked for, standard error has messages and progress. Messages begin with
                `hostal:`, and lines that begin with `Maybe` say what may help. With `--json` a failure is one object
                on standard error, with the code of the API. Unless a manual says otherwise a command ends with 0 when
                it did what was asked, 1 when that failed, 2 when it was misused, 130 when Ctrl-C cancelled it, and
                141 when nobody reads its output any more.

                | Variable | Means |
                | --- | --- |
                | `HOSTAL_HOME` | Everything is under this folder, sockets included. Otherwise root has `/var/lib/hostal` and `/run/hostal`, and others have `hostal` in the XDG data and runtime folders. |
                | `JAVA_HOME` | The JDK to build and run with, if it is new enough. |
                | `HOSTAL_JAVA_OPTIONS` | Options for the JVM, for looking for faults. |

                """);
        for (var row : Commands.ROWS) {
            if (row.group().isEmpty()) continue;
            text.append("## hostal ").append(row.name()).append("\n\n```text\n")
                    .append(Manual.of(Commands.usage(row.name()), row.aliases())).append("```\n\n");
        }
        return text.toString().stripTrailing() + "\n";
    }
}
