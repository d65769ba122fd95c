/// What is on disk: one record an instance under `/instances/`, one name under `/names/`, one operation under
/// `/operations/`, each in a JSON form of its own with a version. Written before the effect, never after.
package dev.hostal.core.journal;
