/// Whole-process benchmarks. Every figure is measured in the same run as the peer that it is compared with, in turn
/// (A B A B ...), because these machines are shared: ratios count, absolute times do not. Nothing here passes or
/// fails; `docs/PROMISES.md` says what the figures should be.
package dev.hostal.bench;
