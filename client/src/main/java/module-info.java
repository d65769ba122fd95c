/// Calls the API over its Unix socket: the Java SDK, and what the command line stands on. Starts fast.
module dev.hostal.client {
    requires transitive dev.hostal.api;
    requires transitive dev.hostal.login;

    exports dev.hostal.client;
}
