/// Networks of one host, for one daemon's home.
/// ```
///   NetworkPlan (spi) --> HostNetworks --> Bridges  (rtnetlink)
///                                      --> PacketFilter (nft), whose text is RuleSet, made by RuleSets
///                                      --> NameServers (dnsmasq, one a bridge)
///                                      --> Loopback6 (published ports of ::1)
/// ```
/// Nothing here knows instances: what is planned comes from the core as a whole, and is compared with what is there.
package dev.hostal.network;
