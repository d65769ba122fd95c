package dev.hostal.core.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.model.Course;
import dev.hostal.model.HealthCheck;
import dev.hostal.model.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The decisions behind restarts and health, row by row.
final class CareTablesTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration BRIEF = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource({
        "no, true, false, 0, false",
        "on-failure, true, false, 0, true",
        "on-failure, false, false, 0, false",
        "on-failure:2, true, false, 1, true",
        "on-failure:2, true, false, 2, false",
        "on-failure, true, false, 1000, true",
        "on-failure, true, true, 0, false",
        "always, false, false, 0, true",
        "always, true, true, 0, false",
        "unless-stopped, false, false, 5, true",
        "unless-stopped, false, true, 5, false",
    })
    void isItStartedAgain(String policy, boolean failed, boolean stopped, int restarts, boolean again) {
        var course = new Course(restarts, Duration.ZERO, Optional.empty(), stopped, false, Optional.empty());

        var after = Restarts.after(RestartPolicy.parse(policy), course, failed, BRIEF, NOON);

        assertThat(after.due()).isEqualTo(again ? Optional.of(NOON.plusMillis(100)) : Optional.empty());
        assertThat(after.stopped()).isEqualTo(stopped);
    }

    @Test void pausesDoubleUpToAMinuteAndBeginAnewAfterTenGoodSeconds() {
        var always = RestartPolicy.parse("always");
        var course = Course.NEW;
        var pauses = new ArrayList<Long>();
        for (int i = 0; i < 12; i++) {
            course = Restarts.after(always, course, true, BRIEF, NOON);
            pauses.add(course.pause().toMillis());
            course = Restarts.started(course);
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 51_200L, 60_000L, 60_000L);
        assertThat(course.restarts()).isEqualTo(12);
        assertThat(Restarts.after(always, course, true, Duration.ofSeconds(10), NOON).pause()).isEqualTo(Restarts.PAUSE_MIN);
    }

    @ParameterizedTest
    @CsvSource({
        "always, true, true, true",
        "always, true, false, false",
        "always, false, true, false",
        "unless-stopped, true, true, false",
        "on-failure, true, true, false",
        "no, true, true, false",
    })
    void whatADaemonThatStartsDoesWithStoppedOnes(String policy, boolean stopped, boolean hasRun, boolean starts) {
        var course = new Course(3, BRIEF, Optional.empty(), stopped, false, Optional.empty());

        assertThat(Restarts.found(RestartPolicy.parse(policy), course, hasRun, NOON).due().isPresent()).isEqualTo(starts);
    }

    @Test void whatIsDueStaysDue() {
        var due = new Course(3, BRIEF, Optional.of(NOON), false, false, Optional.empty());

        assertThat(Restarts.found(RestartPolicy.parse("on-failure:5"), due, true, NOON.plusSeconds(9))).isEqualTo(due);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sometimes", "always:3", "on-failure:", "on-failure:-1", "on-failure:x"})
    void otherPoliciesAreRefused(String text) {
        assertThatThrownBy(() -> RestartPolicy.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test void healthFollowsTheTests() {
        assertThat(told("pass")).containsExactly("healthy");
        assertThat(told("fail fail fail")).containsExactly("starting", "starting", "unhealthy");
        assertThat(told("pass fail fail pass fail fail fail pass"))
                .containsExactly("healthy", "healthy", "healthy", "healthy", "healthy", "healthy", "unhealthy", "healthy");
        assertThat(told("early early early early fail fail fail")).endsWith("starting", "starting", "unhealthy");
        assertThat(told("pass early early early")).as("once it was well, failures count").endsWith("unhealthy");
    }

    @Test void whatIsNotSaidOfAHealthTestIsTheImages() {
        var image = new HealthCheck(List.of("CMD", "probe"), Optional.of(BRIEF), Optional.empty(), Optional.empty(), Optional.of(7));
        var own = new HealthCheck(List.of(), Optional.of(Duration.ofSeconds(5)), Optional.empty(), Optional.empty(), Optional.empty());

        assertThat(own.or(image).command()).contains(List.of("probe"));
        assertThat(own.or(image).usedInterval()).hasSeconds(5);
        assertThat(own.or(image).usedRetries()).isEqualTo(7);
        assertThat(own.or(image).usedTimeout()).hasSeconds(30);
        assertThat(new HealthCheck(List.of("NONE"), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())
                .or(image).command()).isEmpty();
        assertThatThrownBy(() -> new HealthCheck(List.of("probe"), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty())).hasMessageContaining("probe");
    }

    /// What is known of a program's health after each of these tests; three failures make it unhealthy.
    private static List<String> told(String tests) {
        var health = Health.NEW;
        var words = new ArrayList<String>();
        for (var test : tests.split(" ")) {
            health = health.after(test.equals("pass"), test.equals("early"), 3);
            words.add(health.word());
        }
        return words;
    }
}
