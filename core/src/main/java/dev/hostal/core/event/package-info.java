/// What happened, kept for those who come late, within a limit. Nothing is decided by events.
package dev.hostal.core.event;
