/// The core of one node. [dev.hostal.core.Engine] is everything that the faces (REST, Docker, ...) may ask.
package dev.hostal.core;
