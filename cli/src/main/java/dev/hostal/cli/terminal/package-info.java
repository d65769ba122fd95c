/// The terminal that a person sits at: its size, its raw mode, its keys, and the signals that come from it. The only
/// native access of the command line is here.
package dev.hostal.cli.terminal;
