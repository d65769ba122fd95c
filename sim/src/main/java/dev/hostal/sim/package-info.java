/// Simulated drivers with believable behaviour: part of the product.
package dev.hostal.sim;
