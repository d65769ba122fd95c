/// A registry to be read from: a cache of any other, by the OCI distribution-spec. Off unless an address is set. It knows
/// nothing of instances, and of images what [dev.hostal.image.PullThrough] tells.
/// ```
///   docker, skopeo, another Hostal --HTTP--> RegistryServer --> RegistryRequests --> RegistryName
///                                                                    \--> PullThrough --> the registry itself
/// ```
package dev.hostal.daemon.registry;
