package dev.hostal.daemon.http;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

/// What answers the requests of one route. Whatever it throws becomes an error reply.
@FunctionalInterface
interface Endpoint {
    void answer(Call call) throws IOException, InterruptedException, TimeoutException;
}
