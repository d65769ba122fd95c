package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class IdleMemoryTest {
    @Test void memoryIsGivenBackOnceAfterEachTimeOfWork() throws InterruptedException {
        var requests = new AtomicLong(1);
        var collections = new AtomicInteger();
        try (var memory = new IdleMemory(requests::get, Duration.ofMillis(50), collections::incrementAndGet)) {
            memory.begin();
            awaitCount(collections, 1);
            Thread.sleep(300);
            assertThat(collections).hasValue(1);
            requests.incrementAndGet();
            awaitCount(collections, 2);
        }
    }

    @Test void notWhileThereIsWork() throws InterruptedException {
        var requests = new AtomicLong();
        var collections = new AtomicInteger();
        try (var memory = new IdleMemory(requests::incrementAndGet, Duration.ofMillis(10), collections::incrementAndGet)) {
            memory.begin();
            Thread.sleep(300);
            assertThat(collections).hasValue(0);
        }
    }

    private static void awaitCount(AtomicInteger count, int wanted) throws InterruptedException {
        while (count.get() < wanted) {
            Thread.sleep(5);
        }
    }
}
