package dev.hostal.oci.layer;

import dev.hostal.base.Bytes;

/// How much a layer may hold.
///
/// @param content of all its files together
/// @param expansion how many times larger than its blob its tar may be, once it is larger than `expansionFrom`
public record LayerLimits(int entries, Bytes content, int expansion, Bytes expansionFrom) {
    /// Chosen: the largest images of public registries have some hundred thousand files and some ten gibibytes;
    /// ordinary files shrink to a tenth, a bomb of gzip to a thousandth, one of zstd to nothing.
    public static final LayerLimits DEFAULT = new LayerLimits(1_000_000, Bytes.gib(64), 400, Bytes.gib(1));
}
