/// A key-value store in which every change has a revision: get, list, transaction with compare, watch from a
/// revision; leases come with the cluster. The interface is what etcd v3 can give (its KV and Watch services),
/// so that one set of rules is tested on every implementation.
package dev.hostal.store;
