/// The command line. Loads nothing of the daemon.
package dev.hostal.cli;
