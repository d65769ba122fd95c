/// The image store and the sources of images: registries, the distribution, files.
package dev.hostal.image;
