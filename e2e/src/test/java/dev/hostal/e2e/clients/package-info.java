/// Programs as users of Docker's Java clients write them, each run in a JVM of its own by a test.
package dev.hostal.e2e.clients;
