package dev.hostal.oci.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubstitutionTest {
    private static final Map<String, String> VARIABLES = Map.of("foo", "bar", "empty", "", "path", "/a/b/c.tar.gz",
            "words", "a  b");

    private final Substitution substitution = new Substitution(name -> Optional.ofNullable(VARIABLES.get(name)), '\\');

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {"$foo|bar", "${foo}s|bars", "$none.|.", "${none:-x}|x",
        "${empty:-x}|x", "${empty-x}|~~", "${foo:+x}|x", "${empty:+x}|~~", "${empty+x}|x", "${none:-${foo}}|bar",
                "\\$foo|$foo", "'$foo'|$foo", "\"$foo\"|bar", "a\\b|ab",
        "\"a\\b\"|a\\b", "${path##*/}|c.tar.gz", "${path#*/}|a/b/c.tar.gz", "${path%.*}|/a/b/c.tar",
        "${path%%.*}|/a/b/c", "${path/b/X}|/a/X/c.tar.gz",
        "${path//a/X}|/X/b/c.tXr.gz", "$|$", "a$ b|a$ b", "${foo:?no}|bar"})
    void variablesAreFilledIn(String text, String filled) {
        assertThat(substitution.in(text)).isEqualTo(filled);
    }

    @ParameterizedTest
    @ValueSource(strings = {"${foo", "${}", "${foo:x}", "${none:?must be}", "'open", "\"open", "${foo:#x}"})
    void whatIsNoSubstitutionIsRefused(String text) {
        assertThatThrownBy(() -> substitution.in(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test void aVariableMayBeSeveralWords() {
        assertThat(substitution.words("$words \"$words\" x")).containsExactly("a", "b", "a  b", "x");
        assertThat(substitution.keepingQuotes().in("'$foo' \"x\" \\n \\$foo")).isEqualTo("'bar' \"x\" n $foo");
    }
}
