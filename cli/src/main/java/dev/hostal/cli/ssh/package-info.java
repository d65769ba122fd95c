/// SSH into a guest: keys of Hostal's own, and the system's OpenSSH as the client.
package dev.hostal.cli.ssh;
