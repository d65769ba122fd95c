/// What a command line may say: every command describes itself as a [Usage], and from that one description come
/// the parser's rules, `--help`, shell completion and the printed reference.
/// ```
///   words --Parser--> Arguments          Usage --Manual--> --help
///                                              --Reference--> docs/reference/cli.md
/// ```
/// Nothing here knows what a command does.
package dev.hostal.cli.usage;
