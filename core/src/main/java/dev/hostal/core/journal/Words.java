package dev.hostal.core.journal;

import dev.hostal.json.JsonException;
import java.util.Locale;

/// Constants of enums as the journal spells them: in lower case, with `-` between words.
final class Words {
    private Words() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// @throws JsonException the word is none of that enum
    static <E extends Enum<E>> E of(Class<E> type, String word) {
        for (var constant : type.getEnumConstants()) {
            if (of(constant).equals(word)) return constant;
        }
        throw new JsonException("", "'%s' is no %s known here".formatted(word, type.getSimpleName()));
    }
}
