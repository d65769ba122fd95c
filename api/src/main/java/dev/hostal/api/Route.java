package dev.hostal.api;

import java.util.List;

/// One row of the table of routes: what may be asked, and what the documents say of it.
///
/// @param name stable; the daemon binds a handler to it and OpenAPI calls it `operationId`
/// @param path with `{ref}` for one segment; `{image...}` for the rest of the path
/// @param query names of the query parameters that are understood; another one is an error
/// @param form how it answers
public record Route(String method, String path, String name, Form form, List<String> query, String summary) {
    /// What the answer is.
    public enum Form {
        /// A JSON body, at once.
        JSON,
        /// 202 and an operation.
        OPERATION,
        /// `text/event-stream` until the client leaves.
        EVENTS,
        /// Bytes as they come.
        STREAM,
        /// An upgrade to a WebSocket that speaks [Channels].
        CHANNELS,
        /// 204 and no body.
        NOTHING
    }
}
