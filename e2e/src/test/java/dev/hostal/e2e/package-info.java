/// The real thing: the launcher as a process, real guests, one home for all tests of a run, nothing left at the
/// end. What can be tested without a guest is tested in the module that it belongs to.
package dev.hostal.e2e;
