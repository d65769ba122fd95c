/// Talks to the agent inside a guest over one byte channel: programs, files, addresses.
package dev.hostal.agent;
