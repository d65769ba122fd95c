package dev.hostal.daemon.http;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Percent-encoded text, read strictly. Source: RFC 3986, section 2.1.
final class PercentEncoding {
    private PercentEncoding() {}

    /// @throws Problem BAD_REQUEST: a percent sign without two hex digits, or octets that are no UTF-8
    static String decode(String text) {
        if (text.indexOf('%') < 0) return text;
        var octets = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                octets.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            if (i + 2 >= text.length()) throw bad(text);
            int high = Character.digit(text.charAt(i + 1), 16);
            int low = Character.digit(text.charAt(i + 2), 16);
            if (high < 0 || low < 0) throw bad(text);
            octets.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.toByteArray())).toString();
        } catch (CharacterCodingException _) {
            throw bad(text);
        }
    }

    private static Problem bad(String text) {
        return new Problem(ErrorCode.BAD_REQUEST, "'%s' is not percent-encoded UTF-8.".formatted(text));
    }
}
