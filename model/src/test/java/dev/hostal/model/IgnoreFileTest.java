package dev.hostal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreFileTest {
    @ParameterizedTest
    @CsvSource({"*.md,README.md,true", "*.md,docs/README.md,false", "**/*.md,docs/a/README.md,true",
        "**/*.md,README.md,true", "/foo,foo,true", "foo,foo/bar,true", "foo/*,foo/bar,true", "foo/**,foo/bar/baz,true",
                "*/temp*,a/temporary.txt,true", "*/*/temp*,a/b/temp,true", "temp?,tempa,true",
        "temp?,temp,false", "a/../b,b,true", "./x/,x,true", "[a-c]x,bx,true", "[^a-c]x,bx,false",
        "**,anything/at/all,true", "\\*,*,true", "\\*,x,false", "a.c,abc,false", "dir/**/x,dir/x,true"})
    void patternsFit(String pattern, String path, boolean ignored) {
        assertThat(IgnoreFile.parse(pattern).ignores(path)).isEqualTo(ignored);
    }

    @Test void theLastRuleThatFitsDecides() {
        var file = IgnoreFile.parse("# a comment\n*.md\n\n!README*.md\nREADME-secret.md\n");
        assertThat(file.ignores("x.md")).isTrue();
        assertThat(file.ignores("README.md")).isFalse();
        assertThat(file.ignores("README-secret.md")).isTrue();
        assertThat(IgnoreFile.parse("*\n!src").ignores("src/a")).isFalse();
        assertThat(IgnoreFile.parse("").ignores("x")).isFalse();
        assertThatThrownBy(() -> IgnoreFile.parse("a\n[x")).hasMessageContaining("line 2");
    }
}
