/// Builds of images: the image store plans and remembers, containers of this node run the steps. A container of a step is
/// nobody's instance, so whatever a daemon leaves of it when it is killed is removed by the next one's recovery.
package dev.hostal.core.build;
