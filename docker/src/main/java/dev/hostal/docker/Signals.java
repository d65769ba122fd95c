package dev.hostal.docker;

import java.util.List;

/// Names of signals. Source: signal(7), Linux on x86 and ARM.
final class Signals {
    private static final List<String> NAMES = List.of("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL",
            "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
            "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

    private Signals() {}

    /// The number of a name without `SIG`, as events tell it.
    static String number(String name) {
        int number = NAMES.indexOf(name) + 1;
        return number > 0 ? Integer.toString(number) : name;
    }

    /// The name without `SIG` of a name or number.
    ///
    /// @throws Refusal 400 there is no such signal
    static String name(String text) {
        if (text.matches("\\d{1,2}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= NAMES.size()) return NAMES.get(number - 1);
            if (number >= 34 && number <= 64) return number == 34 ? "RTMIN" : "RTMIN+" + (number - 34);
        }
        var name = text.startsWith("SIG") ? text.substring(3) : text;
        if (NAMES.contains(name) || name.matches("RTM(IN|AX)([+-]\\d{1,2})?")) return name;
        throw new Refusal(400, "invalid signal: " + text);
    }
}
