/// The commands, a class each: what the manual says of it, and what it asks of the daemon. A command holds no logic
/// of its own: it translates between people and the API.
package dev.hostal.cli.command;
