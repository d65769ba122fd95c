/// What was asked for and takes time: who asked can watch it, wait for it, cancel it, and ask again after a
/// restart of the daemon.
package dev.hostal.core.operation;
