/// One folder of docker's, read and written by the daemon for itself and by the command line for its user:
/// ```
///   DockerLogins --- config.json: auths
///        \--> LoginHelper --- docker-credential-NAME, spoken to over its standard streams
/// ```
/// Source: Docker CLI, `config.json`; docker-credential-helpers, protocol.
package dev.hostal.login;
