/// The Docker Engine API as a face of the core: it translates, and decides nothing.
///
/// Source: Docker Engine API, the document of version 1.47, and the behaviour of dockerd where the document is silent.
/// [DockerApi] takes every request; a class a subject answers ([ContainerRoutes], [ImageRoutes], ...); what is pure stands
/// apart: [CreateBody] makes a spec of a request, [ContainerJson] a reply of an instance. Streams of programs go over the
/// connection itself after an upgrade ([Hijack], [BlockingConnection]).
package dev.hostal.docker;
