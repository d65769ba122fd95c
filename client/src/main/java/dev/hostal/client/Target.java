package dev.hostal.client;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The target of a request: what people gave, percent-encoded. Source: RFC 3986, sections 2.1 and 3.3.
final class Target {
    private static final String UNRESERVED = "-._~";
    private static final String DIGITS = "0123456789ABCDEF";

    private Target() {}

    /// One segment of a path: a slash in it does not part it.
    static String segment(String text) {
        return encode(text, ":@");
    }

    /// Segments, parted by the slashes that are in the text.
    static String segments(String text) {
        return encode(text, ":@/");
    }

    /// `?` and the parameters; empty where there is none.
    static String query(Map<String, String> parameters) {
        var query = new StringBuilder();
        parameters.forEach((name, value) -> query.append(query.isEmpty() ? '?' : '&')
                .append(encode(name, "")).append('=').append(encode(value, "/:")));
        return query.toString();
    }

    private static String encode(String text, String also) {
        // A segment that is only dots would be taken for a step up or down the path.
        boolean dots = text.equals(".") || text.equals("..");
        var encoded = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            int value = octet & 0xff;
            boolean letterOrDigit = value < 0x80 && Character.isLetterOrDigit(value);
            if (!dots && (letterOrDigit || UNRESERVED.indexOf(value) >= 0 || also.indexOf(value) >= 0)) {
                encoded.append((char) value);
            } else {
                encoded.append('%').append(DIGITS.charAt(value >> 4)).append(DIGITS.charAt(value & 15));
            }
        }
        return encoded.toString();
    }
}
