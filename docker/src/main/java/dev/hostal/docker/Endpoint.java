package dev.hostal.docker;

import java.io.IOException;

/// Answers the requests of a route.
@FunctionalInterface
interface Endpoint {
    void answer(Exchange exchange) throws IOException, InterruptedException;
}
