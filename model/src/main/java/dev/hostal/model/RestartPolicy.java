package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.Locale;
import java.util.regex.Pattern;

/// When an instance whose program has ended is started again. Source of the words: docker run, `--restart`.
///
/// @param times how often after failures in a row; 0 for ever
public record RestartPolicy(When when, int times) {
    /// In the order of how much it takes to leave it stopped.
    public enum When { NO, ON_FAILURE, ALWAYS, UNLESS_STOPPED }

    public static final RestartPolicy NO = new RestartPolicy(When.NO, 0);
    private static final Pattern TEXT = Pattern.compile("(no|on-failure|always|unless-stopped)(?::(\\d{1,9}))?");

    public RestartPolicy {
        require(times >= 0, "restarts %d times is no number of times", times);
        require(times == 0 || when == When.ON_FAILURE, "only on-failure takes a number of times");
    }

    /// Reads `no`, `on-failure`, `on-failure:3`, `always`, `unless-stopped`.
    public static RestartPolicy parse(String text) {
        var matcher = TEXT.matcher(text);
        require(matcher.matches(), "restart '%s' is none of no, on-failure[:TIMES], always, unless-stopped", text);
        var when = When.valueOf(matcher.group(1).toUpperCase(Locale.ROOT).replace('-', '_'));
        return new RestartPolicy(when, matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2)));
    }
}
