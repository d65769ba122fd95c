/// Dockerfiles: [DockerfileText] parts a text into lines, [DockerfileParser] makes instructions of them, [Substitution]
/// fills in variables. All of it is pure.
///
/// Source: the Dockerfile reference of BuildKit's frontend, version 1.x.
package dev.hostal.oci.dockerfile;
