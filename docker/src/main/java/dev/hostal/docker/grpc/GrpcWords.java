package dev.hostal.docker.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// How a message about an end is written in a header: printable ASCII, everything else and the percent sign as `%xx`.
///
/// Source: gRPC over HTTP2, "Status-Message".
final class GrpcWords {
    /// Longest that is sent: headers are held by the other side as a whole. Chosen.
    private static final int LENGTH_MAX = 8 << 10;

    private GrpcWords() {}

    static String encode(String text) {
        var encoded = new StringBuilder();
        for (var value : text.getBytes(StandardCharsets.UTF_8)) {
            if (value >= 0x20 && value <= 0x7e && value != '%') encoded.append((char) value);
            else encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(value));
            if (encoded.length() > LENGTH_MAX) return encoded.append("...").toString();
        }
        return encoded.toString();
    }

    static String decode(String text) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' && isHex(text, i + 1)) {
                bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isHex(String text, int at) {
        return at + 2 <= text.length() && HexFormat.isHexDigit(text.charAt(at)) && HexFormat.isHexDigit(text.charAt(at + 1));
    }
}
