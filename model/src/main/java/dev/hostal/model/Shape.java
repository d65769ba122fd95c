package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// How a NIC is slowed, as its guest sees it. Zero: not at all.
///
/// @param rateIn bits a second that the guest receives
/// @param rateOut bits a second that the guest sends
/// @param delayMillis added to what it receives
/// @param lossPermille of what it would receive
public record Shape(long rateIn, long rateOut, int delayMillis, int lossPermille) {
    public static final Shape NONE = new Shape(0, 0, 0, 0);
    /// The words of [Nic#options] that say it.
    public static final Set<String> WORDS = Set.of("rate-in", "rate-out", "delay", "loss");
    private static final Pattern RATE = Pattern.compile("(\\d{1,9})([kMG]?)(bit)?");

    public Shape {
        require(rateIn == 0 || rateIn >= 8_000, "a rate is at least 8k bits a second, not %d", rateIn);
        require(rateOut == 0 || rateOut >= 8_000, "a rate is at least 8k bits a second, not %d", rateOut);
        require(delayMillis >= 0 && delayMillis <= 60_000, "a delay is at most 60 seconds");
        require(lossPermille >= 0 && lossPermille <= 1000, "a loss is 0 to 100 percent");
    }

    /// @param options of a NIC; other words in it are none of this
    /// @throws IllegalArgumentException one makes no sense
    public static Shape of(Map<String, String> options) {
        return new Shape(rate(options.get("rate-in")), rate(options.get("rate-out")),
                options.containsKey("delay") ? millis(options.get("delay")) : 0,
                options.containsKey("loss") ? permille(options.get("loss")) : 0);
    }

    /// Whether it needs more than a limit of bits.
    public boolean delaysOrLoses() {
        return delayMillis > 0 || lossPermille > 0;
    }

    private static long rate(String text) {
        if (text == null || text.isEmpty()) return 0;
        var parts = RATE.matcher(text);
        require(parts.matches(), "'%s' is not a rate such as 10M or 512k, in bits a second", text);
        long unit = switch (parts.group(2)) {
            case "k" -> 1_000;
            case "M" -> 1_000_000;
            case "G" -> 1_000_000_000;
            default -> 1;
        };
        return Math.multiplyExact(Long.parseLong(parts.group(1)), unit);
    }

    private static int millis(String text) {
        require(text.matches("\\d{1,5}(ms)?"), "'%s' is not a delay such as 20ms", text);
        return Integer.parseInt(text.replace("ms", ""));
    }

    private static int permille(String text) {
        require(text.matches("\\d{1,3}(\\.\\d)?%?"), "'%s' is not a loss such as 0.5%%", text);
        return (int) Math.round(Double.parseDouble(text.replace("%", "")) * 10);
    }
}
