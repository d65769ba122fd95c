package dev.hostal.image;

import dev.hostal.base.Cause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs tasks at the same time and waits for all of them; the first that fails ends the others.
final class Together {
    interface Task<V> {
        V run() throws IOException, InterruptedException;
    }

    private Together() {}

    /// @return what the tasks gave, in their order
    static <V> List<V> run(List<Task<V>> tasks) throws IOException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ended = new ExecutorCompletionService<V>(threads);
            var futures = new ArrayList<Future<V>>();
            for (var task : tasks) {
                futures.add(ended.submit(task::run));
            }
            try {
                for (int i = 0; i < tasks.size(); i++) {
                    ended.take().get();
                }
                var values = new ArrayList<V>();
                for (var future : futures) {
                    values.add(future.resultNow());
                }
                return values;
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw Cause.again(e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }
}
