package dev.hostal.core.instance;

import dev.hostal.core.Upkeep.Processes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// Lines of processes as a table. Source: proc(5), `/proc/[pid]/stat`.
final class ProcessRows {
    private static final List<String> TITLES = List.of("PID", "PPID", "STATE", "TIME", "COMMAND");
    /// Of the fields after the name, which may contain anything: the first one is the state.
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;
    /// Source: USER_HZ of every architecture that Linux runs on today.
    private static final long TICKS_A_SECOND = 100;

    /// From the end of the name to the bar: a name may contain brackets and bars, but hardly so many numbers.
    private static final Pattern NUMBERS = Pattern.compile("\\) [A-Za-z](?: -?\\d+){20,}\\|");

    private ProcessRows() {}

    /// @param lines `stat`, a bar, the command line each; others are left out
    static Processes of(List<String> lines) {
        var rows = new ArrayList<List<String>>();
        for (var line : lines) {
            var numbers = NUMBERS.matcher(line);
            int open = line.indexOf(" (");
            if (open < 1 || !numbers.find(open)) continue;
            int close = numbers.start();
            int bar = numbers.end() - 1;
            var fields = line.substring(close + 2, bar).split(" ");
            if (fields.length <= SYSTEM_TIME || !fields[PARENT].matches("\\d{1,10}")) continue;
            var command = line.substring(bar + 1).strip();
            rows.add(List.of(line.substring(0, open), fields[PARENT], fields[STATE],
                    time(fields[USER_TIME], fields[SYSTEM_TIME]),
                    command.isEmpty() ? "[" + line.substring(open + 2, close) + "]" : command));
        }
        rows.sort(Comparator.comparingLong(row -> row.getFirst().matches("\\d{1,18}") ? Long.parseLong(row.getFirst()) : 0));
        return new Processes(TITLES, rows);
    }

    private static String time(String user, String system) {
        long seconds = (number(user) + number(system)) / TICKS_A_SECOND;
        return "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }
}
