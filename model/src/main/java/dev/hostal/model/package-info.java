/// Records of the domain. A record that exists is valid: constructors check what can be checked from the
/// components alone. [dev.hostal.model.InstanceSpec] is what is wanted, [dev.hostal.model.Phase] what is.
package dev.hostal.model;
