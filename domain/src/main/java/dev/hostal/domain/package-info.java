/// Runs one program in a domain of its own: what it sees, may do and may use, and how it is found again.
/// ```
///   DomainSpec --DomainBundle--> config.json --runc or crun--> processes in /hostal-<hash>/<name>
///                                                                   │
///   <runtime folder>/d/<name>/domain.json   <--when it runs---------┘   found again by pid and start time
/// ```
/// [dev.hostal.domain.OciDomains] isolates and limits and needs root; [dev.hostal.domain.PlainDomains] only
/// detaches. Nothing here knows what a machine or QEMU is.
package dev.hostal.domain;
