/// How things look: tables, times, sizes and the progress of operations.
package dev.hostal.cli.view;
