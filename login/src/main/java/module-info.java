/// Logins at registries as docker keeps them: its `config.json`, and the helpers that it names.
module dev.hostal.login {
    requires transitive dev.hostal.json;
    requires transitive dev.hostal.model;

    exports dev.hostal.login;
}
