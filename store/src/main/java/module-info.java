/// The truth: a revisioned key-value store, SQLite on one host and etcd in a cluster, with one set of rules.
module dev.hostal.store {
    requires transitive dev.hostal.base;
    requires java.sql;
    requires org.xerial.sqlitejdbc;

    exports dev.hostal.store;
}
